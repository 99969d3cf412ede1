"""The law: values and rules, and nothing that touches the world."""
