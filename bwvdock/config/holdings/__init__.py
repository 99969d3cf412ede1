"""How often are stores asked again for what they have proven, by the configuration?"""
