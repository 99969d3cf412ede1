"""What may people order about how long footage is kept, and what follows?"""
