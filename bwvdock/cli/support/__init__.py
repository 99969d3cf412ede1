"""How is what goes to support collected by a command?"""
