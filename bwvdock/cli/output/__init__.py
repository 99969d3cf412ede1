"""What do commands print?"""
