"""Who confirms, as a second party, that journals were only appended to? The witness: a server of its own.

For a headquarters or a second force, and for many docks. It remembers of each journal the largest checkpoint
that it has signed, and signs a later one only with a proof that it continues that one (C2SP tlog-witness). It
shares no state with a dock, and never sees an entry.
"""
