"""How are badge readers reached, which are keyboards for the kernel?"""
