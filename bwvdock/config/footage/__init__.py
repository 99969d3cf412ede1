"""Which tables of the file say what is to be done with footage?"""
