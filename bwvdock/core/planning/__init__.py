"""How long do a station's cameras take until they are safe to remove and their footage is proven?

A discrete-event model of docks, ports, disk and uplink, and what follows from it. Pure and deterministic: all
arithmetic is on integers (bytes, microseconds, millionths of a byte), so that no rounding changes an answer.
"""
