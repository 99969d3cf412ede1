"""Which cameras are to be set aside, as a person reads it?"""
