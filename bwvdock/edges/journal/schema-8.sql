-- Version 8: entries of version 2 (docs/reference/journal.md), which only commit to what a person typed. An earlier
-- bwvdock could not read them, and must not add entries of version 1 after them.

-- The commitments to the model that an operator named, and to why they revoked the camera; '' for neither. `model`
-- and `revoked` have what an entry of version 1 has of these, and otherwise what the camera says, and ''.
ALTER TABLE camera ADD COLUMN named TEXT NOT NULL DEFAULT '';
ALTER TABLE camera ADD COLUMN revoked_for TEXT NOT NULL DEFAULT '';
