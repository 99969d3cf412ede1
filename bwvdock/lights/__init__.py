"""What do the lights at the bays show, and what if one cannot be set?"""
