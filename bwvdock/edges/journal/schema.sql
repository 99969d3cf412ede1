-- Version 1 of the journal. Explained for an outside reader in docs/reference/journal.md.
-- What follows the first four tables is projection: it can be made again from the entries, and
-- `custody verify` does so and compares.

CREATE TABLE entry (
    seq       INTEGER PRIMARY KEY CHECK (seq >= 0),            -- the leaf's index in the tree
    leaf      TEXT NOT NULL,                                   -- the exact text that is hashed
    leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32),
    kind      TEXT NOT NULL,                                   -- this and the next two are indexes
    clip      TEXT,
    docking   TEXT
) STRICT;
CREATE INDEX entry_of_clip ON entry (clip, seq) WHERE clip IS NOT NULL;
CREATE INDEX entry_of_docking ON entry (docking, seq) WHERE docking IS NOT NULL;

-- These stop bugs. Against somebody who may write the file there are the tree and its witnesses.
CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER entry_is_never_deleted BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;
CREATE TRIGGER entry_comes_next BEFORE INSERT ON entry
WHEN NEW.seq <> (SELECT coalesce(max(seq) + 1, 0) FROM entry)
BEGIN SELECT RAISE(ABORT, 'entries are numbered without a gap'); END;

-- The right edge of the tree: the roots of its complete subtrees, largest first, 32 bytes each.
CREATE TABLE tree (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    size INTEGER NOT NULL,
    edge BLOB NOT NULL CHECK (length(edge) % 32 = 0),
    root BLOB NOT NULL CHECK (length(root) = 32)
) STRICT;
CREATE TRIGGER tree_only_grows BEFORE UPDATE ON tree WHEN NEW.size < OLD.size
BEGIN SELECT RAISE(ABORT, 'the tree only grows'); END;
CREATE TRIGGER tree_is_never_deleted BEFORE DELETE ON tree
BEGIN SELECT RAISE(ABORT, 'the tree is never deleted'); END;

-- The personal values that entries commit to. Rows may be deleted when the law says so.
CREATE TABLE private (
    commitment TEXT PRIMARY KEY,
    field      TEXT NOT NULL,
    salt       BLOB NOT NULL CHECK (length(salt) = 32),
    value      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX private_of_value ON private (field, value) WHERE field <> 'path';
CREATE TRIGGER private_is_never_changed BEFORE UPDATE ON private
BEGIN SELECT RAISE(ABORT, 'personal values are deleted, never changed'); END;

-- ---------------------------------------------------------------- projections

CREATE TABLE dock (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    started_at TEXT,
    running    INTEGER NOT NULL DEFAULT 0,
    paused     INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO dock (id) VALUES (1);

CREATE TABLE clip (
    id          TEXT PRIMARY KEY,
    state       TEXT NOT NULL,
    camera      TEXT NOT NULL,         -- a commitment
    docking     TEXT NOT NULL,
    identity    BLOB NOT NULL,         -- core/identity.py
    path        TEXT NOT NULL,         -- a commitment
    size        INTEGER NOT NULL,      -- of footage and sidecars
    footage     INTEGER NOT NULL,      -- of the footage alone
    recorded_ns INTEGER NOT NULL,
    sha256      TEXT NOT NULL,         -- '' until acquired
    acquired_at TEXT,
    served      TEXT NOT NULL          -- destinations with a receipt, sorted, one a line
) STRICT, WITHOUT ROWID;
CREATE INDEX clip_by_state ON clip (state, served, acquired_at);
CREATE INDEX clip_by_identity ON clip (identity);
CREATE INDEX clip_by_recording ON clip (recorded_ns);
CREATE INDEX clip_by_camera ON clip (camera, recorded_ns);

-- The sidecars of clips, so that those of a clip docked again are known as well.
CREATE TABLE sidecar (
    identity BLOB NOT NULL,            -- core/identity.py
    clip     TEXT NOT NULL,
    PRIMARY KEY (identity, clip)
) STRICT, WITHOUT ROWID;
CREATE INDEX sidecar_of_clip ON sidecar (clip);

CREATE TABLE receipt (
    clip        TEXT NOT NULL,
    destination TEXT NOT NULL,
    object      TEXT NOT NULL,
    version     TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    method      TEXT NOT NULL,
    received_at TEXT NOT NULL,
    PRIMARY KEY (clip, destination)
) STRICT, WITHOUT ROWID;

-- How many clips, and of how many bytes, are in each state and served by the same destinations.
CREATE TABLE tally (
    state  TEXT NOT NULL,
    served TEXT NOT NULL,
    clips  INTEGER NOT NULL,
    bytes  INTEGER NOT NULL,
    PRIMARY KEY (state, served)
) STRICT, WITHOUT ROWID;

CREATE TABLE destination (
    name            TEXT PRIMARY KEY,
    last_receipt_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE camera (
    camera       TEXT PRIMARY KEY,     -- a commitment
    model        TEXT NOT NULL,
    enrolled_at  TEXT,
    revoked      TEXT,                 -- the reason
    last_docking TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE docking (
    id           TEXT PRIMARY KEY,
    camera       TEXT NOT NULL,        -- a commitment
    bay          TEXT NOT NULL,
    transport    TEXT NOT NULL,
    model        TEXT NOT NULL,
    state        TEXT NOT NULL,
    reason       TEXT NOT NULL,
    attached_at  TEXT NOT NULL,
    detached_at  TEXT,
    seen         INTEGER NOT NULL,
    copied       INTEGER NOT NULL,
    already_held INTEGER NOT NULL,
    not_ready    INTEGER NOT NULL,
    unreadable   INTEGER NOT NULL,
    refused      INTEGER NOT NULL,
    bytes_copied INTEGER NOT NULL,
    bytes_read   INTEGER NOT NULL,
    complete     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX docking_by_time ON docking (attached_at);
CREATE INDEX docking_open ON docking (id) WHERE detached_at IS NULL;

CREATE TABLE docking_clip (
    docking TEXT NOT NULL,
    clip    TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason  TEXT NOT NULL,
    size    INTEGER NOT NULL,
    read    INTEGER NOT NULL,
    PRIMARY KEY (docking, clip)
) STRICT, WITHOUT ROWID;
