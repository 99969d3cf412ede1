"""What happens to a camera in its bay, from docking to undocking?"""
