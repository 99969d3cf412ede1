"""How fast is bwvdock beside the tools that a person would use instead? `make bench` tells."""
