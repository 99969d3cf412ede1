-- Indexes that were added without a new version of the journal: whoever reads one that does not have them yet
-- gets the same answers, later. The writer makes them when it opens the journal.

-- What was in doubt: few entries among very many, and asked for at the end of each docking.
CREATE INDEX IF NOT EXISTS entry_of_doubt ON entry (seq) WHERE kind IN ('clip_quarantined', 'clip_recalled');

-- The clips with the same footage. A part of the digest finds them: the index is a quarter of its size then.
CREATE INDEX IF NOT EXISTS clip_by_digest ON clip (substr(sha256, 1, 16)) WHERE sha256 <> '';

-- The dockings of one camera, few among all: `bwvdock status` looks for those since a clip was recalled.
CREATE INDEX IF NOT EXISTS docking_by_camera ON docking (camera, attached_at);

-- When the journal was last verified, and whether the dock has not stopped orderly since.
CREATE INDEX IF NOT EXISTS entry_of_verification ON entry (seq) WHERE kind IN ('journal_verified', 'unclean_start');

-- When the dock's state was last backed up.
CREATE INDEX IF NOT EXISTS entry_of_backup ON entry (seq) WHERE kind = 'backup_made';

-- The clips that a hold kept which was ended: few entries among very many.
CREATE INDEX IF NOT EXISTS entry_of_hold_over ON entry (seq) WHERE kind = 'clip_hold_over';

-- The corrections of requests, for the history of one.
CREATE INDEX IF NOT EXISTS entry_of_correction ON entry (seq) WHERE kind = 'request_corrected';

-- What stores were chosen to be asked for again, for the night's pace.
CREATE INDEX IF NOT EXISTS entry_of_draw ON entry (seq) WHERE kind = 'copies_drawn';

-- How a camera is out of the dock: the last of these entries about it; and which were taken without being offered.
-- Functions that read JSON are not trusted in a schema (edges/journal/database.py); in these entries the key is once.
CREATE INDEX IF NOT EXISTS entry_of_checkout ON entry (substr(leaf, instr(leaf, '"camera":"') + 10, 64), seq)
WHERE kind IN ('camera_checked_out', 'camera_returned', 'camera_taken_otherwise');
CREATE INDEX IF NOT EXISTS entry_of_taking ON entry (seq) WHERE kind = 'camera_taken_otherwise';

-- The clips whose attribution was disputed: few among many that are attributed to nobody.
CREATE INDEX IF NOT EXISTS entry_of_dispute ON entry (clip) WHERE kind = 'attribution_disputed';

-- Who holds a camera at a time, and which cameras an officer was ever assigned to.
CREATE INDEX IF NOT EXISTS assignment_by_begin ON assignment (camera, valid_from, number);
CREATE INDEX IF NOT EXISTS assignment_by_end ON assignment (camera, valid_to, number) WHERE valid_to <> '';
CREATE INDEX IF NOT EXISTS assignment_of_officer ON assignment (officer, camera);

-- What happened to the dock or was ordered there: few entries among very many, and a part of the story of each
-- clip that was there meanwhile (core/custody/story.py).
CREATE INDEX IF NOT EXISTS entry_of_event ON entry (kind, seq) WHERE kind IN (
    'camera_assigned', 'camera_enrolled', 'camera_revoked', 'config_reloaded', 'destination_assessed',
    'dock_clock_seen', 'dock_initialised', 'dock_paused', 'dock_resumed', 'dock_started', 'dock_stopped',
    'footage_consulted', 'footage_disclosed', 'footage_exported', 'journal_as_witnessed', 'journal_not_as_witnessed',
    'journal_succeeded', 'log_key_new', 'sample_drawn', 'signer_forgot', 'store_back', 'store_lost', 'unclean_start',
    'values_erased'
);
