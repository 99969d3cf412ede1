"""How does a person try whether an evidence system takes entries?"""
