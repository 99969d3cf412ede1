"""Which figures does a dock give to a monitoring system, and how do they get there?"""
