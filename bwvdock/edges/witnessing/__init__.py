"""How are witnesses reached, and where is kept what they state against the journal?"""
