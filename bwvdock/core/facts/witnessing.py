"""What can have happened between the journal and those who confirm it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bwvdock.core.facts.visibility.personal import personal


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalNotAsWitnessed:
    """A witness or the signer stated that the journal does not continue what it had confirmed, or signed.

    `witness` is its verifier key (the signer's has the name of the journal's log), `entries` the size of the
    checkpoint that it was sent, `named` the larger size that it named (-1: it named none). `proven`: a
    checkpoint signed with the journal's own key shows it; otherwise nothing but the statement is known.
    """

    kind: ClassVar[str] = "journal_not_as_witnessed"
    witness: str
    entries: int
    named: int
    proven: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalAsWitnessed:
    """A witness that had contradicted confirmed the journal, or the signer signed it: this many entries.

    If what had contradicted it was proven, the journal began with that as well.
    """

    kind: ClassVar[str] = "journal_as_witnessed"
    witness: str
    entries: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LogKeyNew:
    """The journal was signed with a key with which it had not been signed before.

    `key` is the log's verifier key: its name and its public key. `before` is the one before it, "" if none is
    known. `entries` is the size of the first checkpoint signed with it, `compared` the size with which the
    signer compared that (0: with nothing).
    """

    kind: ClassVar[str] = "log_key_new"
    key: str
    before: str
    entries: int
    compared: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SignerForgot:
    """The signer signed the journal and remembered less of it than it had signed.

    `entries` is the size of the checkpoint that it signed, `known` the size that it had signed before, as the
    journal shows, `compared` the size that it remembered (0: nothing).
    """

    kind: ClassVar[str] = "signer_forgot"
    entries: int
    known: int
    compared: int


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalSucceeded:
    """The first entry of a journal that took the place of another, by an operator's decision.

    `predecessor` is the id of the other journal, which had so many `entries` with this `root`. `confirmed` is
    its last checkpoint that witnesses had confirmed, as a signed note with their lines; "" if there was none.
    Where it had been put back from a backup, `backup_at` is when that was made, otherwise "": `unproven` of
    the clips in it were not proven in every required store then, and the new journal does not know them.
    """

    kind: ClassVar[str] = "journal_succeeded"
    dock: str
    version: str
    predecessor: str
    entries: int
    root: str
    confirmed: str
    reason: str = personal()
    actor: str = personal()
    backup_at: str = ""
    unproven: int = 0
