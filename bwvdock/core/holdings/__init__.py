"""Which copies is a store asked for again, and when?"""
