"""How are facts recorded, and which threads do the work?"""
