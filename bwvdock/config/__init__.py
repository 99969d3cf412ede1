"""What do the configuration file and the camera profiles say, and what is wrong with them?"""
