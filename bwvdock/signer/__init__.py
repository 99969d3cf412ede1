"""The signer: the one process that can read the key with which the journal's checkpoints are signed.

It runs as a user of its own (systemd/bwvdock-signer.service) and imports the standard library, Ed25519
(bwvdock/edges/ed25519.py) and pure modules alone. One message on its socket is one request, in JSON:

    {"op": "key"}                           -> {"ok": true, "key": BASE64 of 32 bytes}
    {"op": "sign", "submission": TEXT}      -> {"ok": true, "note": TEXT}
    anything else, or what may not be signed -> {"ok": false, "code", "message", "remedy", "size", "note"}

A submission is the body of add-checkpoint in C2SP tlog-witness, with the checkpoint not signed yet: the size
signed last, the proof that the new tree extends that one, and the new checkpoint. `size` of a refusal is the
size signed last, where the submission names another one; otherwise null. `note` of a refusal is the
checkpoint signed last, signed again, where the new one is proven not to extend it, or not proven to;
otherwise "".

A daemon without a signer beside it (development, `bwvdock demo`) uses notary.py in its own process:
bwvdock/edges/signing/.
"""
