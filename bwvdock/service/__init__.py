"""How is a dock put together and run as a service?"""
