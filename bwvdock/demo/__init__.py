"""The demonstration: simulated cameras with real video, docked at a real dock."""
