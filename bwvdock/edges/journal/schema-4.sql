-- Version 4: who held which camera, what people said of clips, and finding clips by it among a million.

-- Who held which camera, in the order in which it was recorded (core/roster.py says what that means).
CREATE TABLE assignment (
    number     INTEGER PRIMARY KEY,
    camera     TEXT NOT NULL,          -- a commitment
    officer    TEXT NOT NULL,          -- a commitment
    valid_from TEXT NOT NULL,
    valid_to   TEXT NOT NULL           -- '' for no end yet
) STRICT;
CREATE INDEX assignment_of_camera ON assignment (camera, number);

-- How many clips are of each officer; '' is nobody that the dock was told of.
CREATE TABLE attribution (
    officer TEXT PRIMARY KEY,          -- a commitment
    clips   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE clip ADD COLUMN evidential INTEGER NOT NULL DEFAULT 0;
ALTER TABLE clip ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
ALTER TABLE clip ADD COLUMN retain_until TEXT NOT NULL DEFAULT '';
ALTER TABLE clip ADD COLUMN officer TEXT;                          -- a commitment; '' for nobody, NULL before it was acquired
ALTER TABLE clip ADD COLUMN case_ref TEXT NOT NULL DEFAULT '';     -- a commitment, or ''

-- Until now nobody could say anything of a clip but its camera, and no officer was known.
UPDATE clip SET evidential = 1 WHERE id IN (
    SELECT clip FROM entry WHERE kind = 'clip_found' AND json_extract(leaf, '$.data.marked')
);
UPDATE clip SET officer = '' WHERE id IN (SELECT clip FROM entry WHERE kind = 'clip_acquired');
INSERT INTO attribution SELECT '', count(*) FROM clip WHERE officer = '' HAVING count(*) > 0;

CREATE INDEX clip_by_officer ON clip (officer, recorded_ns) WHERE officer IS NOT NULL;
CREATE INDEX clip_by_case ON clip (case_ref, recorded_ns) WHERE case_ref <> '';
CREATE INDEX clip_evidential ON clip (recorded_ns) WHERE evidential = 1;
CREATE INDEX clip_held ON clip (recorded_ns) WHERE held = 1;
CREATE INDEX clip_by_state_and_recording ON clip (state, recorded_ns);

-- Few entries among very many; each listing asks which of its clips a destination ever refused.
CREATE INDEX entry_of_refusal ON entry (clip) WHERE kind = 'delivery_refused';
