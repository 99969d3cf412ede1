"""Which standing holds is a clip on, and which should it be on?"""
