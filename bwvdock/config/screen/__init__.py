"""What does the configuration say of the screen at the dock?"""
