"""How are events from dispatch imported and shown?"""
