"""How are a dock's backups made, checked and put back by commands?"""
