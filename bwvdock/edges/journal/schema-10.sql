-- Version 10: units, such as a borough or a team. No entry that was written before this version names one.

-- Commitments to the unit that an operator named when they enrolled a camera, and to that which a roster names for an
-- officer; '' for none. Each entry has a commitment of its own: nobody can see in the entries who is in one unit.
ALTER TABLE camera ADD COLUMN unit TEXT NOT NULL DEFAULT '';
ALTER TABLE assignment ADD COLUMN unit TEXT NOT NULL DEFAULT '';
CREATE INDEX camera_of_unit ON camera (unit) WHERE unit <> '';
CREATE INDEX assignment_of_unit ON assignment (unit) WHERE unit <> '';
