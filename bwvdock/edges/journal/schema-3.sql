-- Version 3: retention.

-- Until when a clip is kept that is neither evidence nor held, and of which there is still something to
-- dispose of; '' otherwise. What was acquired before clips were dated is never due by itself.
ALTER TABLE clip ADD COLUMN due TEXT NOT NULL DEFAULT '';
CREATE INDEX clip_due ON clip (due) WHERE due <> '';

-- What was taken away, or was about to be: few entries among very many, and auditors ask for them.
CREATE INDEX entry_of_removal ON entry (seq)
WHERE kind IN ('release_intended', 'clip_released', 'clip_retired', 'disposal_intended', 'clip_disposed');
