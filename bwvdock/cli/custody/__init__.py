"""How are the commands about custody typed?"""
