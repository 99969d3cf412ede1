"""The edges: one outside thing per file. They decide nothing and translate its errors."""
