"""What does the table [events] say: when may footage be of an event, and how are columns named?"""
