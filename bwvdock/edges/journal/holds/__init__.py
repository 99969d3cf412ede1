"""What are standing holds and requests in the journal: their tables, and what is asked of them?"""
