"""What may be sent to support about a dock: no footage, no secret, nobody's name?"""
