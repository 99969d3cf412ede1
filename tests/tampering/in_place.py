# ruff: noqa: S608 - forging statements is what these attacks are made of
"""What is found when rows of the journal are changed, and hashes not computed again?"""

from __future__ import annotations

from tests.tampering import attacks
from tests.tampering.attacks import on_schema, sql
from tests.tampering.row import BOTH, NO_ENTRY, OLD_SENT, Held, found, row
from tests.tampering.world import DOES_NOT_START, NOT_ASKED, NOT_SIGNED

_HASH = "x'" + "ab" * 32 + "'"
PROJECTIONS = (
    "UPDATE clip SET state = 'retired'",
    "UPDATE clip SET sha256 = 'ab'",
    "UPDATE clip SET classes = 'seven-years'",
    "UPDATE clip SET reviewed = 1 - reviewed",
    "UPDATE clip SET noticed = '2026-03-01T00:00:00.000Z'",
    "DELETE FROM clip",
    "DELETE FROM receipt",
    "UPDATE receipt SET document = 'x'",
    "UPDATE camera SET revoked = 'stolen'",
    "UPDATE docking SET complete = 0, copied = 9",
    "DELETE FROM docking_clip",
    "UPDATE dock SET paused = 1",
    "UPDATE tally SET clips = clips + 1",
    "UPDATE destination SET last_receipt_at = '2030'",
    "UPDATE attribution SET clips = clips + 1",
    "INSERT INTO assignment VALUES (1, 'a', 'b', 'c', 'd', '')",
    "INSERT INTO sidecar VALUES (x'ab', 'c')",
    "INSERT INTO event VALUES ('e', 'd', 'c', '')",
    "INSERT INTO sent VALUES ('e', 'officer', 'w', 'd', 'c')",
    "INSERT INTO clip_event VALUES ('c', 'e', 'certain', 'officer', 1, 0)",
    "INSERT INTO camera_digest VALUES ('c', 'match')",
)
_STORED = "Checkpoints, signer and witness use the stored hashes, which were left as they were."
_STORED_TOO = f"{_STORED} The document does not have this entry, and its root is computed from them too."

IN_PLACE = (
    row(
        "a row is changed, removed or added in a table that follows from the entries (each was tried)",
        Held.JOURNAL,
        [sql(statement) for statement in PROJECTIONS],
        found("projection"),
        NO_ENTRY,
    ),
    row(
        "an entry's text is changed",
        Held.JOURNAL,
        attacks.change_text("clip_acquired"),
        found("entry_hash", "entry_link", "tree", documents=BOTH),
        f"{_STORED} The clip's document has the text itself.",
    ),
    row(
        "an entry's text and the hash beside it are changed",
        Held.JOURNAL,
        attacks.change_text("clip_acquired", hashed=True),
        found("checkpoint", "entry_link", "tree", documents=BOTH, checkpoint=True, start=NOT_SIGNED),
        OLD_SENT,
    ),
    row(
        "an entry's text is stored as a BLOB with the same bytes",
        Held.JOURNAL,
        attacks.past_constraints("UPDATE entry SET leaf = CAST(leaf AS BLOB) WHERE seq = 4"),
        found("entry_form", "journal_unreadable"),
        _STORED_TOO,
    ),
    row(
        "an entry's text is emptied",
        Held.JOURNAL,
        sql("UPDATE entry SET leaf = '' WHERE seq = 4"),
        found("entry_form", "entry_hash", "entry_link", "tree"),
        _STORED_TOO,
    ),
    row(
        "kind or docking beside an entry is changed",
        Held.JOURNAL,
        [
            sql("UPDATE entry SET kind = 'clip_found' WHERE seq = 4"),
            sql("UPDATE entry SET docking = NULL WHERE seq = 4"),
        ],
        found("docking_balance", "entry_index", "projection"),
        NO_ENTRY,
    ),
    row(
        "a row is inserted among the entries",
        Held.JOURNAL,
        attacks.INSERTED,
        found(
            "checkpoint",
            "entry_form",
            "entry_link",
            "entry_nonce",
            "lifecycle",
            "tree",
            documents=BOTH,
            checkpoint=True,
            start=DOES_NOT_START,
            witness=NOT_ASKED,
            said="files_without_entry",
        ),
    ),
    row(
        "a row is added after the last entry",
        Held.JOURNAL,
        attacks.APPENDED,
        found(
            "entry_form",
            "entry_link",
            "entry_nonce",
            "lifecycle",
            "tree",
            start=DOES_NOT_START,
            witness=NOT_ASKED,
            said="files_without_entry",
        ),
        "The entries before it are unchanged.",
    ),
    row(
        "two entries are exchanged",
        Held.JOURNAL,
        attacks.EXCHANGED,
        found(
            "checkpoint",
            "entry_form",
            "entry_link",
            "lifecycle",
            "tree",
            documents=BOTH,
            checkpoint=True,
            start=NOT_SIGNED,
            said="files_without_entry",
        ),
        OLD_SENT,
    ),
    row(
        "an entry among others is deleted",
        Held.JOURNAL,
        sql("DELETE FROM entry WHERE seq = 5"),
        found(
            "checkpoint",
            "entry_link",
            "entry_missing",
            "lifecycle",
            "private",
            "tree",
            documents=BOTH,
            checkpoint=True,
            start=NOT_SIGNED,
            said="files_without_entry",
        ),
        OLD_SENT,
    ),
    row(
        "the last entry is deleted and the tree left as it is",
        Held.JOURNAL,
        sql("DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)"),
        found("private", "tree", start=DOES_NOT_START, witness=NOT_ASKED),
        "Documents and checkpoint were made before this entry.",
    ),
    row(
        "the tree's root or edge is changed",
        Held.JOURNAL,
        [sql(f"UPDATE tree SET root = {_HASH}"), sql(f"UPDATE tree SET edge = {_HASH}")],
        found("tree", start=DOES_NOT_START, witness=NOT_ASKED),
        NO_ENTRY,
    ),
    row(
        "a personal value is changed",
        Held.JOURNAL,
        sql("UPDATE private SET value = 'CAM-18' WHERE field = 'camera'"),
        found("commitment", "projection"),
        NO_ENTRY,
    ),
    row(
        "a personal value is deleted without an entry, or one is added",
        Held.JOURNAL,
        [
            sql("DELETE FROM private WHERE field = 'path'"),
            sql(f"INSERT INTO private VALUES ('{'ab' * 32}', 'officer', {_HASH}, '4411')"),
        ],
        found("private"),
        NO_ENTRY,
    ),
    row(
        "a trigger is planted, or one that protects the entries is removed",
        Held.JOURNAL,
        [on_schema(attacks.PLANTED), on_schema("DROP TRIGGER entry_is_never_deleted")],
        found("schema"),
        NO_ENTRY,
    ),
    row(
        "a view takes the place of a table",
        Held.JOURNAL,
        on_schema(*attacks.VIEW),
        found("journal_unreadable", "schema", start=DOES_NOT_START, witness=NOT_ASKED),
        NO_ENTRY,
    ),
    row(
        "a stored checkpoint is changed",
        Held.JOURNAL,
        sql(f"UPDATE checkpoint SET root = {_HASH}"),
        found("checkpoint"),
        NO_ENTRY,
    ),
    row(
        "all stored checkpoints and confirmations are removed",
        Held.JOURNAL,
        sql(*attacks.UNSIGNED),
        found(),
        "No entry was changed. What was kept outside agrees, and the journal is signed and confirmed again.",
    ),
    row(
        "the log's public key in the state directory is replaced",
        Held.STATE,
        attacks.replace_key,
        found("checkpoint"),
        f"{NO_ENTRY} The checkpoint was compared with the key in the policy, which is kept outside.",
    ),
)
