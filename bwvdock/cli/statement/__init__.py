"""What can be put before a court about one clip, and which entries of the journal does it follow from?"""
