"""Which footage may show which event from dispatch, and how certain is that?"""
