"""What does the journal have of events from dispatch, and of the clips that may be of them?"""
