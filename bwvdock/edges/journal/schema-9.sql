-- Version 9: signed checkpoints, what witnesses and time stamps add to them. None of these rows is an entry, so none
-- leads to another checkpoint. Nothing in the entries depends on them.

-- `note` is the signed note (C2SP tlog-checkpoint), UTF-8, as the log signed it, without cosignatures.
CREATE TABLE checkpoint (
    size    INTEGER PRIMARY KEY CHECK (size > 0),
    root    BLOB NOT NULL CHECK (length(root) = 32),
    note    TEXT NOT NULL,
    made_at TEXT NOT NULL
) STRICT;

-- `note_line` is a witness's signature line, without its newline (C2SP tlog-cosignature).
CREATE TABLE cosignature (
    size      INTEGER NOT NULL REFERENCES checkpoint (size),
    witness   TEXT NOT NULL,
    note_line TEXT NOT NULL,
    at        TEXT NOT NULL,
    PRIMARY KEY (size, witness)
) STRICT, WITHOUT ROWID;

-- `token` is the answer of a time-stamping authority (RFC 3161, TimeStampResp) over the note.
CREATE TABLE timestamp (
    size  INTEGER NOT NULL REFERENCES checkpoint (size),
    url   TEXT NOT NULL,
    token BLOB NOT NULL,
    at    TEXT NOT NULL,
    PRIMARY KEY (size, url)
) STRICT, WITHOUT ROWID;
