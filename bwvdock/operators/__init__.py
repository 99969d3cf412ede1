"""What may operators order, and what does an order lead to?"""
