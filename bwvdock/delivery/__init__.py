"""How do clips get from the spool to every evidence store?"""
