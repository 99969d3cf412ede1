"""What do people type about holds: on clips by name, and on whatever matches?"""
