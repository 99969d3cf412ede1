"""Which camera is an officer offered who shows a badge, and what follows from what is then taken?"""
