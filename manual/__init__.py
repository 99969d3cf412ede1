"""What does the package install for people and shells beside the program?

Man pages, completion for bash, zsh and fish, and journald's catalogue: all made from the parsers, the
reference and the tables of messages, so that none of them can differ from the program. When the package is
built, `python -m manual FOLDER` writes them; nothing of this folder is in it.
"""
