"""Which camera may be taken? A page for a screen at the dock, from a process and user of its own."""
