"""What do people type who run a witness (`bwvdock witness ...`)?"""
