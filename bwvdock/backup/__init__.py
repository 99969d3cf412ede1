"""How is a dock's state kept, checked and put back?"""
