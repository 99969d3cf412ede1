"""What does a class of footage mean: for how long, where to, how soon, for whom?"""
