"""What does the configuration say of cameras that are checked out by badge, and whose is which badge?"""
