"""What do operators' orders mean? One module for each thing that can be ordered; operators.py asks them."""
