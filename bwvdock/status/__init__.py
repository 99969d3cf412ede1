"""What is reported about a dock, and which alerts does it raise?"""
