"""What does the configuration say of how long footage is kept, and who may see it?"""
