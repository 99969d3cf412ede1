"""The demonstration: simulated cameras with real video, and the real dock."""
