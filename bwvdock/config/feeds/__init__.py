"""Which evidence systems are sent the journal's entries, as the configuration says, and can that be used?"""
