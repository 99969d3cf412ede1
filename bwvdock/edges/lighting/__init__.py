"""How are lights at the bays reached?"""
