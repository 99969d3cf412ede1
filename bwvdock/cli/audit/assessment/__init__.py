"""What does a force have to say of its cameras, what did this dock see of it, and what is missing?"""
