-- Version 2: proofs for single entries, and the custody documents that carry them into the stores.

-- Roots of complete subtrees, so that a proof need not read all entries: level 1 has one for every 256
-- entries, level 2 one for every 256 of those, and so on (level 0 is entry.leaf_hash). A journal from
-- before this version gets its rows little by little, with the entries that are added to it.
CREATE TABLE subtree (
    level  INTEGER NOT NULL CHECK (level >= 1),
    number INTEGER NOT NULL CHECK (number >= 0),
    root   BLOB NOT NULL CHECK (length(root) = 32),
    PRIMARY KEY (level, number)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER subtree_is_never_changed BEFORE UPDATE ON subtree
BEGIN SELECT RAISE(ABORT, 'roots of complete subtrees are never changed'); END;
CREATE TRIGGER subtree_is_never_deleted BEFORE DELETE ON subtree
BEGIN SELECT RAISE(ABORT, 'roots of complete subtrees are never deleted'); END;
CREATE TRIGGER subtree_comes_next BEFORE INSERT ON subtree
WHEN NEW.number <> (SELECT coalesce(max(number) + 1, 0) FROM subtree WHERE level = NEW.level)
BEGIN SELECT RAISE(ABORT, 'subtrees are numbered without a gap'); END;

-- The destinations that hold a clip and are owed its custody document, sorted, one a line; few at any time.
-- What was verified before there were such documents is owed none.
ALTER TABLE clip ADD COLUMN owing TEXT NOT NULL DEFAULT '';
CREATE INDEX clip_owing ON clip (id) WHERE owing <> '';

-- The digest of the custody document beside a copy; '' where there is none, or none that is up to date.
ALTER TABLE receipt ADD COLUMN document TEXT NOT NULL DEFAULT '';
