"""How are the lights at the bays reset where no daemon does it?"""
