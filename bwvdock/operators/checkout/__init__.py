"""What may people ask about cameras that are checked out?"""
