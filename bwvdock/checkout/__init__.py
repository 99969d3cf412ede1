"""Who is assigned to a camera because of a badge, and what is recorded of that?"""
