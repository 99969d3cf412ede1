CREATE TABLE identity (one INTEGER PRIMARY KEY CHECK (one = 1), vkey TEXT NOT NULL) STRICT;

-- The latest checkpoint of each log that was cosigned: `note` has the log's signature and the cosignature.
CREATE TABLE head (
    origin TEXT PRIMARY KEY,
    size   INTEGER NOT NULL CHECK (size >= 0),
    root   BLOB NOT NULL CHECK (length(root) = 32),
    note   TEXT NOT NULL,
    time   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER head_only_grows BEFORE UPDATE ON head
WHEN NEW.size < OLD.size OR NEW.time < OLD.time OR (NEW.size = OLD.size AND NEW.root <> OLD.root)
BEGIN SELECT raise(ABORT, 'a witness never goes back'); END;
CREATE TRIGGER head_stays BEFORE DELETE ON head
BEGIN SELECT raise(ABORT, 'a witness never forgets'); END;

CREATE TABLE refusal (
    origin TEXT PRIMARY KEY,
    status INTEGER NOT NULL,
    reason TEXT NOT NULL,
    time   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Requests that may show a fork: what the log signed, and what this witness had cosigned by then. One for each
-- size and root, the one that shows the most: whoever has old checkpoints can fill the places of no fork.
CREATE TABLE evidence (
    id      INTEGER PRIMARY KEY,
    origin  TEXT NOT NULL,
    size    INTEGER NOT NULL,
    root    BLOB NOT NULL,
    time    INTEGER NOT NULL,
    status  INTEGER NOT NULL,
    reason  TEXT NOT NULL,
    request BLOB NOT NULL,
    latest  TEXT NOT NULL,
    UNIQUE (origin, size, root)
) STRICT;
