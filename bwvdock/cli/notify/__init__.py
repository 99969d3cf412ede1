"""How does a person try whether notifications arrive?"""
