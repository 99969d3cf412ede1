"""What is in the package, by whom and under which licence?

Writes its bill of materials and its copyright file. Used when the package is built; nothing of this
folder is in it.
"""
