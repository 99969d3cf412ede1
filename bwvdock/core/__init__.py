"""Values and rules: nothing here reads a clock, a file or the network."""
