"""How does `bwvdock status --watch` keep a dock on a terminal, calm and never older than it says?"""
