"""What do stores have of each clip, and how is that shown?"""
