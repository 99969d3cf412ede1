"""Is this dock fit for the shift? `bwvdock doctor`."""
