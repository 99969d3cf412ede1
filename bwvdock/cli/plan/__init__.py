"""What does somebody type and read who plans a dock, a station or a force (`bwvdock plan`)?"""
