"""How does something become true, and who carries out the work?"""
