"""What does a dock do by itself as time passes?"""
