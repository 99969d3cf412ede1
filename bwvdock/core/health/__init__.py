"""Does a camera work as it should, by what this dock has seen of it?"""
