"""What is found when the journal is written anew, cut off, put back or begun anew?"""

from __future__ import annotations

from tests.tampering import attacks
from tests.tampering.attacks import cut, forge, other_footage
from tests.tampering.row import BOTH, OLD_SENT, Held, found, row
from tests.tampering.world import CONTRADICTED, DOES_NOT_START, FORGOT, NOT_ASKED, REFUSED, SILENT

_UNASKED = "Nothing new was signed, so nothing was sent to the witness."
_AFTER_DOCUMENT = "The document was made before these entries."
_ITSELF = "The journal agrees with itself and with the files."

FORGED = (
    row(
        "an entry is changed; stored checkpoints are left",
        Held.JOURNAL,
        forge("clip_acquired", keep_signed=True),
        found("checkpoint", documents=BOTH, checkpoint=True, start=REFUSED),
        OLD_SENT,
    ),
    row(
        "an entry about a clip, or about a camera, is changed; stored checkpoints are removed",
        Held.JOURNAL,
        [forge("clip_acquired"), forge("camera_enrolled")],
        found(documents=BOTH, checkpoint=True, start=REFUSED, witness=NOT_ASKED),
        f"{_ITSELF} {_UNASKED}",
    ),
    row(
        "the same, signed with the stolen key; what the signer remembers is removed",
        Held.KEY,
        [forge("clip_acquired", steal=True), forge("camera_enrolled", steal=True)],
        found(documents=BOTH, checkpoint=True, witness=CONTRADICTED),
        f"{_ITSELF} With the key, anything can be signed.",
    ),
    row(
        "the first entry is changed",
        Held.JOURNAL,
        forge("dock_started"),
        found("journal_lost", documents=BOTH, checkpoint=True, start=DOES_NOT_START, witness=NOT_ASKED),
    ),
    row(
        "an entry's boot clock is changed",
        Held.JOURNAL,
        forge("clip_acquired", bt=1),
        found("clock_order", documents=BOTH, checkpoint=True, start=REFUSED, witness=NOT_ASKED),
    ),
    row(
        "an entry that came after the latest document, and before the latest checkpoint, is changed",
        Held.JOURNAL,
        forge("footage_consulted"),
        found(checkpoint=True, start=REFUSED, witness=NOT_ASKED),
        f"{_ITSELF} {_AFTER_DOCUMENT} {_UNASKED}",
    ),
    row(
        "an entry that came after the latest document, checkpoint and confirmation is changed",
        Held.JOURNAL,
        forge("footage_consulted", last=True),
        found(),
        f"{_ITSELF} Nothing outside was kept since that entry was recorded.",
    ),
    row(
        "footage in the spool is replaced, with its digest in all entries and rows",
        Held.STATE,
        other_footage(vault=False),
        found("vault_file", documents=BOTH, checkpoint=True, start=REFUSED, witness=NOT_ASKED),
    ),
    row(
        "the same, signed with the stolen key",
        Held.KEY,
        other_footage(vault=False, steal=True),
        found("vault_file", documents=BOTH, checkpoint=True, witness=CONTRADICTED),
        "With the key, anything can be signed.",
    ),
    row(
        "the same, and the footage and its custody document in the vault are replaced too",
        Held.ALL,
        other_footage(vault=True, steal=True),
        found(documents="kept", checkpoint=True, witness=CONTRADICTED),
        f"{_ITSELF} So does the new document in the vault.",
    ),
)

CUT = (
    row(
        "the entries since the latest document are cut off; stored checkpoints are removed",
        Held.JOURNAL,
        cut(),
        found(checkpoint=True, start=REFUSED, witness=NOT_ASKED),
        f"{_ITSELF} {_AFTER_DOCUMENT} {_UNASKED}",
    ),
    row(
        "the same, and the dock itself then records others",
        Held.JOURNAL,
        cut(grow=True),
        found(checkpoint=True, start=REFUSED, witness=NOT_ASKED),
        f"{_ITSELF} {_AFTER_DOCUMENT} {_UNASKED}",
    ),
    row(
        "either of the two above, signed with the stolen key",
        Held.KEY,
        [cut(steal=True), cut(grow=True, steal=True)],
        found(checkpoint=True, witness=CONTRADICTED),
        f"{_ITSELF} {_AFTER_DOCUMENT} With the key, anything can be signed.",
    ),
    row(
        "the entries since the latest document, checkpoint and confirmation are cut off",
        Held.JOURNAL,
        cut(to_covered=True),
        found(),
        f"{_ITSELF} Nothing outside was kept since those entries were recorded.",
    ),
    row(
        "the journal is put back to yesterday's",
        Held.JOURNAL,
        attacks.put_back(),
        found("vault_document", documents=BOTH, checkpoint=True, start=REFUSED, witness=CONTRADICTED),
    ),
    row(
        "the same, and the dock itself then records more entries than there were",
        Held.JOURNAL,
        attacks.put_back(grow=True),
        found("vault_document", documents=BOTH, checkpoint=True, start=REFUSED, witness=CONTRADICTED),
    ),
    row(
        "state directory and vault are put back to yesterday's, and what the signer remembers is removed; "
        "the dock then records others, or nothing",
        Held.ALL,
        [attacks.put_back_all(), attacks.put_back_all(grow=True)],
        found(documents="kept", checkpoint=True, start=FORGOT, witness=CONTRADICTED),
        f"{_ITSELF} So does yesterday's document in the vault, and the signer has nothing to compare with.",
    ),
    row(
        "a journal begun anew with the same clips is put in its place",
        Held.JOURNAL,
        attacks.begin_anew,
        found(
            "journal_lost",
            documents=BOTH,
            checkpoint=True,
            start=DOES_NOT_START,
            witness=NOT_ASKED,
            said="files_without_entry",
        ),
    ),
    row(
        "the same, and all that names the earlier one is removed from the state directory and the vault",
        Held.ALL,
        attacks.begin_all_anew,
        found(documents="kept", checkpoint=True, witness=SILENT, said="files_without_entry"),
        f"{_ITSELF} The signer begins a new log; the witness was not given its key.",
    ),
)
