"""What is known of a clip, which step follows, and what is allowed?"""
