"""Which values of a fact may be seen by whom?"""
