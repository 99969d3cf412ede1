"""How are clips handed to somebody together with the proof of where they come from?"""
