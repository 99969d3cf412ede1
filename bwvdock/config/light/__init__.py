"""Which lights at the bays does the configuration name?"""
