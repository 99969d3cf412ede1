"""When was a clip recorded, as well as that can be known?"""
