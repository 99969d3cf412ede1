"""Does the journal agree with checkpoints that were kept outside the dock?"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bwvdock.cli.verification import Verified
from bwvdock.config.settings import Config
from bwvdock.core.custody.c2sp.confirmed import confirmation
from bwvdock.core.custody.c2sp.policy import MOST_BYTES, Policy, read_policy
from bwvdock.core.custody.c2sp.signed_note import MOST_NOTE_BYTES, VerifierKey, read_note
from bwvdock.core.custody.verification import Problem, Remark
from bwvdock.core.visible_text import quoted
from bwvdock.edges import ed25519
from bwvdock.edges.durable import read_small
from bwvdock.edges.journal.verify.checkpoints import CODE, compare_with_note
from bwvdock.edges.journal.verify.contain import Finding
from bwvdock.edges.rights import as_owner_of
from bwvdock.errors import BwvdockError, NotComparedError, words_of


@dataclass(frozen=True, slots=True)
class Outside:
    """Checkpoints from outside the dock, each a file's name and content, and the policy that is asked for.

    `errors` say which of the files cannot be read.
    """

    notes: list[tuple[str, bytes]] = field(default_factory=list)
    policy: Policy | None = None
    errors: list[BwvdockError] = field(default_factory=list)

    @property
    def keys(self) -> Sequence[VerifierKey]:
        """The keys of the policy's logs; none for those that the state directory names."""
        return [log.key for log in self.policy.logs] if self.policy else ()


def read_outside(files: Sequence[str], policy: str | None) -> Outside:
    """Return what is in files: signed notes, and a policy if one is given.

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
        return replace(outside, policy=_policy(policy))
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
            more += [*findings, *_cosigned(note, name, outside.policy)]
    journal = found.journal
    journal = replace(
        journal,
        problems=(*journal.problems, *(one for one in more if isinstance(one, Problem))),
        remarks=(*journal.remarks, *(one for one in more if isinstance(one, Remark))),
        errors=(*journal.errors, *(one for one in more if isinstance(one, BwvdockError))),
    )
    return replace(found, journal=journal, compared=count)


def _cosigned(content: bytes, name: str, policy: Policy | None) -> list[Finding]:
    """Return who of a policy's witnesses cosigned a checkpoint, and whether the quorum is met."""
    if policy is None or not policy.witnesses:
        return []
    try:
        found = confirmation(read_note(content), policy, (), ed25519.verify)
    except ValueError:
        return []  # it is not a signed note, which was said
    quorum = policy.quorum.decode("utf-8", "replace")
    by = f"cosigned by {', '.join(found.confirmed_by)}" if found.by else "cosigned by none of the witnesses"
    lacking = f", not by {', '.join(found.not_confirmed_by)}" if found.by and found.lacking else ""
    said = f"The outside checkpoint {name} is {by}{lacking}: the quorum {quorum} of the policy is"
    if found.met:
        return [Remark(message=f"{said} met")]
    return [Problem(code=CODE, message=f"{said} not met")]


def _policy(policy: str) -> Policy:
    try:
        return read_policy(_read(policy, MOST_BYTES))
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
