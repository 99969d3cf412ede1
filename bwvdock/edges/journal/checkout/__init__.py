"""What does the journal say of cameras that are checked out?"""
