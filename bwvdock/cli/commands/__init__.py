"""What does each command do? One module for each command."""
