"""Which logs and witnesses are trusted, and which witnesses together are enough?

C2SP tlog-policy, read at commit 5ba5ee8 (the format has no version yet):

    log VKEY [URL]
    witness NAME VKEY [URL]
    group NAME all|any|NUMBER NAME...
    quorum NAME|none

Names are octets: they mean nothing outside of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from bwvdock.core.custody.c2sp.encoding import read_decimal
from bwvdock.core.custody.c2sp.signed_note import COSIGNATURE, ED25519, VerifierKey, read_verifier_key

MOST_BYTES = 256 * 1024
MOST_LINES = 1024
NONE = b"none"


@dataclass(frozen=True, slots=True)
class TrustedLog:
    """A log whose checkpoints are accepted; its key's name is its origin."""

    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class TrustedWitness:
    """A witness: its name in the policy, its key, and the prefix of its address ("" if none is given)."""

    name: bytes
    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """At least `needed` of these names must have witnessed a checkpoint, so that the group has."""

    needed: int
    members: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a policy file says; `groups` are in the order in which they were defined."""

    logs: tuple[TrustedLog, ...]
    witnesses: tuple[TrustedWitness, ...]
    groups: Mapping[bytes, Group]
    quorum: bytes

    def is_met(self, cosigned: Collection[VerifierKey]) -> bool:
        """Return whether cosignatures by these keys are enough."""
        met = {witness.name for witness in self.witnesses if witness.key in cosigned}
        for name, group in self.groups.items():  # members were defined before the groups that name them
            if sum(member in met for member in group.members) >= group.needed:
                met.add(name)
        return self.quorum == NONE or self.quorum in met


def read_policy(octets: bytes) -> Policy:
    """Return what a policy file says.

    Raises:
        ValueError: the file does not have the form of one; the message names the line.
    """
    if len(octets) > MOST_BYTES:
        raise ValueError(f"a policy of more than {MOST_BYTES} bytes")
    lines = octets.split(b"\n")
    if len(lines) > MOST_LINES:
        raise ValueError(f"a policy of more than {MOST_LINES} lines")
    reading = _Reading()
    for number, line in enumerate(lines, 1):
        try:
            reading.take(line)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
    return reading.policy()


def _is_allowed(octet: int) -> bool:
    return octet == 0x09 or (octet >= 0x20 and octet != 0x7F)


@dataclass(slots=True)
class _Reading:
    """What the lines read so far have defined."""

    logs: list[TrustedLog] = field(default_factory=list)
    witnesses: list[TrustedWitness] = field(default_factory=list)
    groups: dict[bytes, Group] = field(default_factory=dict)
    names: set[bytes] = field(default_factory=set)
    members: set[bytes] = field(default_factory=set)
    quorum: bytes | None = None

    def take(self, line: bytes) -> None:
        if not all(map(_is_allowed, line)):
            raise ValueError("a policy has no control characters but tabs and newlines")
        items = line.replace(b"\t", b" ").split(b" ")
        items = [item for item in items if item]
        if not items or items[0].startswith(b"#"):
            return
        kinds: dict[bytes, Callable[[list[bytes]], None]] = {
            b"log": self._log,
            b"witness": self._witness,
            b"group": self._group,
            b"quorum": self._quorum,
        }
        if items[0] not in kinds:
            raise ValueError("a line begins with log, witness, group, quorum or #")
        kinds[items[0]](items[1:])

    def _log(self, items: list[bytes]) -> None:
        if not 1 <= len(items) <= 2:
            raise ValueError("a log has the form: log VKEY [URL]")
        key = _key(items[0], ED25519)
        if any(log.key.public == key.public for log in self.logs):
            raise ValueError("this log's key is already in the policy")
        self.logs.append(TrustedLog(key, _url(items[1:])))

    def _witness(self, items: list[bytes]) -> None:
        if not 2 <= len(items) <= 3:
            raise ValueError("a witness has the form: witness NAME VKEY [URL]")
        key = _key(items[1], COSIGNATURE)
        if any(witness.key.public == key.public for witness in self.witnesses):
            raise ValueError("this witness's key is already in the policy")
        self._define(items[0])
        self.witnesses.append(TrustedWitness(items[0], key, _url(items[2:])))

    def _group(self, items: list[bytes]) -> None:
        if len(items) < 3:
            raise ValueError("a group has the form: group NAME all|any|NUMBER NAME...")
        name, threshold, *members = items
        needed = {b"all": len(members), b"any": 1}.get(threshold) or read_decimal(threshold.decode("ascii"))
        if not 1 <= needed <= len(members):
            raise ValueError("a group needs at least one of its members, and at most all of them")
        for member in members:
            if member not in self.names:
                raise ValueError("a member of a group must be defined on an earlier line")
            if member in self.members:
                raise ValueError("a witness or group can be a member only once")
            self.members.add(member)
        self._define(name)
        self.groups[name] = Group(needed, tuple(members))

    def _quorum(self, items: list[bytes]) -> None:
        if len(items) != 1 or self.quorum is not None:
            raise ValueError("a policy has one quorum line, of the form: quorum NAME|none")
        if items[0] != NONE and items[0] not in self.names:
            raise ValueError("the quorum must be none, or defined on an earlier line")
        self.quorum = items[0]

    def _define(self, name: bytes) -> None:
        if name == NONE or name in self.names:
            raise ValueError("a name can be defined only once, and none is not a name")
        self.names.add(name)

    def policy(self) -> Policy:
        if self.quorum is None:
            raise ValueError("a policy has one quorum line, of the form: quorum NAME|none")
        return Policy(tuple(self.logs), tuple(self.witnesses), self.groups, self.quorum)


def _key(item: bytes, kind: int) -> VerifierKey:
    key = read_verifier_key(item.decode("utf-8"))
    if key.kind != kind:
        raise ValueError(f"the key has signatures of type {key.kind}, here it must be {kind}")
    return key


def _url(items: list[bytes]) -> str:
    return items[0].decode("utf-8") if items else ""
