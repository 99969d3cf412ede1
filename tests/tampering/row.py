"""What is said of one attack: what the attacker had to hold, how it is carried out, and what finds it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from tests.tampering.attacks import Act
from tests.tampering.world import Found


class Held(Enum):
    """What the attacker had to hold."""

    JOURNAL = "the journal's file"
    STATE = "the state directory"
    KEY = "root, with the signer's key"
    ALL = "all that and the vault"
    VAULT = "the vault"
    SPOOL = "the spool"
    CLOCK = "the dock's clock"
    DAEMON = "the running daemon"


@dataclass(frozen=True, kw_only=True)
class Row:
    """An attack. Each of `acts` is carried out on its own, and `found` holds for each of them.

    `why` says why something finds nothing.
    """

    name: str
    held: Held
    acts: Sequence[Act]
    found: Found
    why: str


def found(
    *codes: str,
    documents: str = "",
    checkpoint: bool = False,
    start: str = "",
    witness: str = "",
    said: str = "",
) -> Found:
    """Return what is found; `documents` names those that contradict the journal: "vault", "kept" or both."""
    return Found(
        verify=frozenset(codes),
        vault="vault" in documents,
        kept="kept" in documents,
        checkpoint=checkpoint,
        start=start,
        witness=witness,
        said=frozenset(said.split()),
    )


def row(name: str, held: Held, acts: Act | Sequence[Act], what: Found, why: str = "") -> Row:
    """Return the row of an attack with one way of carrying it out, or several."""
    return Row(name=name, held=held, acts=acts if isinstance(acts, Sequence) else [acts], found=what, why=why)


BOTH = "vault and kept"
NO_ENTRY = "Documents, checkpoints and witnesses cover entries, and no entry was changed."
OLD_SENT = "The witness was sent the checkpoint that is still stored, which it knows."
