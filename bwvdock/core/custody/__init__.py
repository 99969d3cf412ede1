"""What are the exact bytes of the journal, and how do they prove each other?"""
