"""How does a person say what footage is, and find what nobody has looked at?"""
