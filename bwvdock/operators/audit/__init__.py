"""What do people order that an audit asks about, and which of its questions does the daemon answer?"""
