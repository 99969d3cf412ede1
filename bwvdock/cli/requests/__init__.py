"""What do people type about requests for footage?"""
