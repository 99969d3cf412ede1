"""What does the journal say of the health of cameras?"""
