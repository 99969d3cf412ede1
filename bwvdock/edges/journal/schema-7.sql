-- Version 7: the destinations that a clip is offered to again though its camera's copy has gone, by an
-- operator's order, sorted, one a line; few at any time.
ALTER TABLE clip ADD COLUMN resumed TEXT NOT NULL DEFAULT '';
CREATE INDEX clip_resumed ON clip (id) WHERE resumed <> '';
