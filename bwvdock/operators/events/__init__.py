"""What do lists from dispatch lead to?"""
