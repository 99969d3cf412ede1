"""What is known about a clip, which step is next, and what is allowed?"""
