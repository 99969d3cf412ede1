"""How are the journal's checkpoints written, signed, witnessed and proven, in the formats that others read?

The formats of C2SP (https://c2sp.org), as read at commit 5ba5ee830903e91240fc6f9f3a7a9293d49e69c9 of
https://github.com/C2SP/C2SP: signed-note, tlog-checkpoint, tlog-cosignature (v1, Ed25519), tlog-witness,
tlog-proof and tlog-policy; the last two have no version yet. Everything here is computed from values: who
signs or verifies is handed in as a function, so that no module here imports cryptography.
"""
