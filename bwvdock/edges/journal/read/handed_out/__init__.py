"""What of the journal leaves the dock: documents, packages, entries for systems that follow it?"""
