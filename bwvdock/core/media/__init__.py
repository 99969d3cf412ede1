"""What do a camera's names and files say?"""
