"""How are questions put to the journal?"""
