"""What may people freeze before anybody knows which clips it is, and which requests is that for?"""
