"""Which badge was shown to a reader at the dock, and how does the daemon learn of it?"""
