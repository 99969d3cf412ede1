"""What may people order, and what follows from an order?"""
