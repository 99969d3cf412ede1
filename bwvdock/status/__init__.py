"""What does a dock report about itself, and which alerts does it raise?"""
