"""How does an evidence system get each entry of the journal: in order, at least once, none left out?"""
