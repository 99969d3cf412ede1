-- Version 3: retention.

-- Until when a clip is kept that is neither evidence nor held, and of which there is still something to
-- dispose of; '' otherwise. What was acquired before clips were dated is never due by itself.
ALTER TABLE clip ADD COLUMN due TEXT NOT NULL DEFAULT '';
CREATE INDEX clip_due ON clip (due) WHERE due <> '';
