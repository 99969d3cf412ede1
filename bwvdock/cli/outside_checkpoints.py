"""Does the journal agree with checkpoints that were kept outside the dock?"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bwvdock.cli.verification import Verified
from bwvdock.config.settings import Config
from bwvdock.core.custody.c2sp.policy import MOST_BYTES, read_policy
from bwvdock.core.custody.c2sp.signed_note import MOST_NOTE_BYTES, VerifierKey
from bwvdock.core.custody.records import Problem, Remark
from bwvdock.core.visible_text import quoted
from bwvdock.edges.durable import read_small
from bwvdock.edges.journal.verify.checkpoints import CODE, compare_with_note
from bwvdock.edges.journal.verify.contain import Finding
from bwvdock.edges.rights import as_owner_of
from bwvdock.errors import BwvdockError, NotComparedError, words_of


@dataclass(frozen=True, slots=True)
class Outside:
    """Checkpoints from outside the dock, each a file's name and content, and the keys of trusted logs.

    `errors` say which of the files cannot be read.
    """

    notes: list[tuple[str, bytes]] = field(default_factory=list)
    keys: Sequence[VerifierKey] = ()
    errors: list[BwvdockError] = field(default_factory=list)


def read_outside(files: Sequence[str], policy: str | None) -> Outside:
    """Return what is in files: signed notes, and the keys of a policy if one is given.

    One that cannot be read is an error among the others, so that the dock is verified all the same.
    """
    outside = Outside()
    for name in files:
        try:
            outside.notes.append((name, _read(name, MOST_NOTE_BYTES)))
        except NotComparedError as error:
            outside.errors.append(error)
    if policy is None:
        return outside
    try:
        return replace(outside, keys=_keys(policy))
    except NotComparedError as error:
        # Without the keys that were meant to count, nothing that the notes say of a signature does.
        return Outside(errors=[*outside.errors, error])


def compared(config: Config, found: Verified, outside: Outside) -> Verified:
    """Return what was found, with what differs between the journal and checkpoints from outside."""
    if found.lost:
        return found
    more: list[Finding] = list(outside.errors)
    count = 0
    with as_owner_of(config.state_dir):
        for name, note in outside.notes:
            findings = compare_with_note(config.journal, note, name, outside.keys)
            count += all(isinstance(one, Problem) and one.code == CODE for one in findings)
            more += findings
    journal = found.journal
    journal = replace(
        journal,
        problems=(*journal.problems, *(one for one in more if isinstance(one, Problem))),
        remarks=(*journal.remarks, *(one for one in more if isinstance(one, Remark))),
        errors=(*journal.errors, *(one for one in more if isinstance(one, BwvdockError))),
    )
    return replace(found, journal=journal, compared=count)


def _keys(policy: str) -> list[VerifierKey]:
    try:
        return [log.key for log in read_policy(_read(policy, MOST_BYTES)).logs]
    except ValueError as error:
        raise NotComparedError(
            f"{policy} is not a policy: {error}.", remedy="Its format: https://c2sp.org/tlog-policy"
        ) from error


def _read(name: str, most: int) -> bytes:
    try:
        return read_small(os.path.realpath(name), most + 1)  # one more: what is longer is refused, not cut
    except OSError as error:
        raise NotComparedError(
            f"{name} cannot be read: {words_of(error)}.", remedy=f"ls -l {quoted(name)}"
        ) from error
