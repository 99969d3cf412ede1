"""How are cameras checked out and returned at the desk?"""
