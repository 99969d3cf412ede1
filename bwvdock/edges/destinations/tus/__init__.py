"""A tus 1.0 server as evidence store, with the extensions creation, checksum, expiration and termination."""
