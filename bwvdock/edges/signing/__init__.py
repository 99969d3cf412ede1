"""How are the journal's checkpoints signed: by the signer, or in this process? Both implement one port."""
