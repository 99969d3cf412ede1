"""Is this dock fit for the shift? What is checked, what each check looks at, and what its result means."""
