"""What does a camera say of itself beside its clock: its battery, its firmware, its settings?"""
