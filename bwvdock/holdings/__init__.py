"""Do the stores still have what they have proven, and what follows where one does not?"""
