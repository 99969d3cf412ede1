"""What does a dock set on a camera beside its footage, if its profile allows that: its clock?"""
