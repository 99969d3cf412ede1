-- Version 8: what was in doubt: few entries among very many, and asked for at the end of each docking.
CREATE INDEX entry_of_doubt ON entry (seq) WHERE kind IN ('clip_quarantined', 'clip_recalled');
