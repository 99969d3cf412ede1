"""How is a dock built and run as a service?"""
