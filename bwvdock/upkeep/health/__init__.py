"""Which of the docked cameras are to be set aside?"""
