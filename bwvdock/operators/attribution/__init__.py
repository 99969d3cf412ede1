"""What is ordered where somebody disputes to whom a clip is attributed?"""
