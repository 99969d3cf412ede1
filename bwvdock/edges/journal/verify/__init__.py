"""Does the journal prove itself?"""
