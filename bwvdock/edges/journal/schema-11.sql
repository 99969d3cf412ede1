-- Version 11: what footage means. Events from dispatch, classes, standing holds, later proofs, disclosures. No entry that
-- was written before this version names one.

-- ---------------------------------------------------------------- proven again

-- When a copy was last asked for again as [reverify] says, since its receipt; '' for never.
ALTER TABLE receipt ADD COLUMN proven_at TEXT NOT NULL DEFAULT '';
CREATE INDEX receipt_by_proof ON receipt (destination, proven_at, received_at);

-- The copies that were proven and then found lost or changed ('missing' or 'changed'), the latest of each clip and
-- destination: when that was found, when it ended and how ('proven anew', or 'over': past its date); '' while it has not.
CREATE TABLE failed_copy (
    clip        TEXT NOT NULL,
    destination TEXT NOT NULL,
    finding     TEXT NOT NULL,
    found_at    TEXT NOT NULL,
    ended_at    TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    PRIMARY KEY (clip, destination)
) STRICT, WITHOUT ROWID;
CREATE INDEX failed_copy_open ON failed_copy (clip) WHERE ended_at = '';

-- ---------------------------------------------------------------- classes and notices

-- The names of a clip's classes, one a line, the one that decides how long it is kept first; whether anybody or a mark
-- said what it is (a hold by name counts while it lasts); the retention date of which notice was given, '' for none; and
-- whether one of the classes is restricted.
ALTER TABLE clip ADD COLUMN classes TEXT NOT NULL DEFAULT '';
ALTER TABLE clip ADD COLUMN reviewed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE clip ADD COLUMN noticed TEXT NOT NULL DEFAULT '';
ALTER TABLE clip ADD COLUMN restricted INTEGER NOT NULL DEFAULT 0;
UPDATE clip SET reviewed = 1 WHERE evidential = 1 OR held = 1 OR id IN (
    SELECT clip FROM entry WHERE kind IN ('clip_flagged', 'clip_unflagged')
);
DROP INDEX entry_of_removal;
CREATE INDEX entry_of_removal ON entry (seq) WHERE kind IN (
    'release_intended', 'clip_released', 'clip_retired', 'disposal_intended', 'copy_withdrawn', 'restore_intended',
    'clip_restored', 'clip_disposed'
);
CREATE INDEX clip_classified ON clip (recorded_ns) WHERE classes <> '';
CREATE INDEX clip_unnoticed ON clip (retain_until, id) WHERE due <> '' AND reviewed = 0 AND noticed <> retain_until;

-- ---------------------------------------------------------------- holds by query, requests

-- What people froze by a query, and who asked for footage. Whatever names a person is a commitment, or ''.
CREATE TABLE standing_hold (
    id         TEXT PRIMARY KEY,
    camera     TEXT NOT NULL,
    officer    TEXT NOT NULL,
    unit       TEXT NOT NULL,
    event      TEXT NOT NULL,
    place      TEXT NOT NULL,
    place_kind TEXT NOT NULL,
    since      TEXT NOT NULL,
    until      TEXT NOT NULL,
    review     TEXT NOT NULL,
    request    TEXT NOT NULL,
    reason     TEXT NOT NULL,
    requester  TEXT NOT NULL,
    actor      TEXT NOT NULL,
    opened_at  TEXT NOT NULL,
    ended_at   TEXT NOT NULL,          -- '' while it stands
    ended_for  TEXT NOT NULL,
    ended_by   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Which clips a standing hold keeps; certain = 0 where that is not sure.
CREATE TABLE clip_hold (
    hold    TEXT NOT NULL,
    clip    TEXT NOT NULL,
    certain INTEGER NOT NULL,
    PRIMARY KEY (hold, clip)
) STRICT, WITHOUT ROWID;
CREATE INDEX clip_hold_of_clip ON clip_hold (clip);
CREATE INDEX entry_of_hold ON entry (seq) WHERE kind IN ('hold_opened', 'hold_ended');

CREATE TABLE request (
    id         TEXT PRIMARY KEY,
    about      TEXT NOT NULL,
    received   TEXT NOT NULL,
    due        TEXT NOT NULL,
    rule       TEXT NOT NULL,
    by         TEXT NOT NULL,
    reason     TEXT NOT NULL,
    actor      TEXT NOT NULL,
    opened_at  TEXT NOT NULL,
    outcome    TEXT NOT NULL,
    closed_at  TEXT NOT NULL,          -- '' while it is open
    closed_for TEXT NOT NULL,
    closed_by  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------- events

-- Events from dispatch, as their last entry has them: when the first that was sent was sent, and the last was cleared
-- ('' if one is not cleared yet).
CREATE TABLE event (
    event      TEXT PRIMARY KEY,       -- a commitment
    dispatched TEXT NOT NULL,
    cleared    TEXT NOT NULL,
    category   TEXT NOT NULL           -- a commitment, or ''
) STRICT, WITHOUT ROWID;
CREATE INDEX event_by_time ON event (dispatched);

-- Who was sent to an event; `who` is a commitment to an officer or to a unit.
CREATE TABLE sent (
    event      TEXT NOT NULL,
    role       TEXT NOT NULL,          -- 'officer' or 'unit'
    who        TEXT NOT NULL,
    dispatched TEXT NOT NULL,
    cleared    TEXT NOT NULL,
    PRIMARY KEY (event, role, who, dispatched, cleared)
) STRICT, WITHOUT ROWID;
CREATE INDEX sent_by_who ON sent (who, dispatched);

-- The events that a clip may be footage of, as its last entry says.
CREATE TABLE clip_event (
    clip           TEXT NOT NULL,
    event          TEXT NOT NULL,      -- a commitment
    basis          TEXT NOT NULL,      -- 'certain' or 'possible'
    role           TEXT NOT NULL,      -- what fits: 'officer' or 'unit'
    overlap_ms     INTEGER NOT NULL,
    uncertainty_ms INTEGER NOT NULL,
    PRIMARY KEY (clip, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX clip_by_event ON clip_event (event);

-- Few entries among very many: of events, of clips' matches, and until where both were compared.
CREATE INDEX entry_of_dispatch ON entry (seq) WHERE kind = 'event_recorded';
CREATE INDEX entry_of_match ON entry (clip, seq) WHERE kind = 'clip_matched';
CREATE INDEX entry_of_matching ON entry (seq) WHERE kind = 'events_matched';

-- ---------------------------------------------------------------- disclosures, feeds

-- Made anew with more kinds by indexes.sql: what was handed to whom, and what was drawn for a review, are among them.
DROP INDEX IF EXISTS entry_of_event;

-- ---------------------------------------------------------------- what cameras say of their files

-- The outcome of comparing a clip with its camera's own digests, where it has any: 'match', 'differs' or
-- 'not-comparable'. Of the copy that the dock has now.
CREATE TABLE camera_digest (
    clip    TEXT PRIMARY KEY,
    outcome TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX camera_digest_differs ON camera_digest (clip) WHERE outcome = 'differs';

