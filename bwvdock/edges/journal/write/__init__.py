"""How do facts get into the journal?"""
