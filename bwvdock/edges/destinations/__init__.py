"""Evidence stores, each behind the Destination port."""
