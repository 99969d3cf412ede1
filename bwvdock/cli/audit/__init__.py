"""How is what an audit asks of a dock typed, shown, and printed?"""
