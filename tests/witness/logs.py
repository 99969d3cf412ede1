"""A log for tests of a witness: entries that can branch, checkpoints signed by its key, requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bwvdock.core.custody.c2sp.checkpoint import Checkpoint, sign_checkpoint
from bwvdock.core.custody.c2sp.signed_note import ED25519, VerifierKey
from bwvdock.core.custody.c2sp.submission import Submission
from bwvdock.core.custody.consistency import consistency_proof
from bwvdock.core.custody.inclusion_proofs import range_root
from bwvdock.core.custody.merkle import leaf_hash
from bwvdock.edges import ed25519
from bwvdock.witness.identity import Identity, make_identity
from bwvdock.witness.limits import RateLimits
from bwvdock.witness.service import Witness
from bwvdock.witness.store import DATABASE_FILE, Store, make_store
from bwvdock.witness.trusted import TrustedLogs

ORIGIN = "example.police.uk/dock-7/0123456789abcdef"
NAME = "witness.example.police.uk/hq"


@dataclass(frozen=True, slots=True)
class Log:
    """The leaves of a log, and its key; `branch` differs from a certain leaf on."""

    leaves: tuple[bytes, ...] = tuple(leaf_hash(str(n)) for n in range(200))
    seed: bytes = b"\x01" * 32
    origin: str = ORIGIN

    @property
    def key(self) -> VerifierKey:
        return VerifierKey(self.origin, ED25519, ed25519.public(self.seed))

    def branch(self, at: int) -> Log:
        others = tuple(leaf_hash(f"other {n}") for n in range(at, len(self.leaves)))
        return Log((*self.leaves[:at], *others), self.seed, self.origin)

    def fetch(self, level: int, first: int, count: int) -> Sequence[bytes]:
        assert level == 0
        return self.leaves[first : first + count]

    def head(self, size: int) -> Checkpoint:
        return Checkpoint(self.origin, size, range_root(0, size, self.fetch))

    def note(self, size: int) -> bytes:
        signed = sign_checkpoint(self.head(size), self.key, lambda message: ed25519.sign(self.seed, message))
        return str(signed).encode()

    def request(self, old: int, size: int) -> bytes:
        proof = consistency_proof(old, size, self.fetch) if old <= size else ()
        return Submission(old, proof, self.note(size)).encoded()


@dataclass(slots=True)
class Time:
    """A clock that is set by hand, seconds since 1970."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Station:
    """A witness in a folder, which can be stopped and started again."""

    folder: Path
    time: Time = field(default_factory=Time)
    said: list[str] = field(default_factory=list)
    identity: Identity = field(init=False)
    logs: TrustedLogs = field(init=False)

    def __post_init__(self) -> None:
        self.identity = make_identity(self.folder, NAME)
        make_store(self.folder, self.identity.key)
        self.logs = TrustedLogs(self.folder)

    def witness(self, store: Store, **limits: float) -> Witness:
        burst = int(limits.get("burst", 10**9))
        return Witness(
            identity=self.identity,
            logs=self.logs,
            store=store,
            say=self.said.append,
            limits=RateLimits(burst=burst, monotonic=self.time),
            now=self.time,
        )

    def forgetful(self) -> Store:
        """Return the store of the same witness after it lost everything but its key and its list of logs."""
        for path in self.folder.glob(f"{DATABASE_FILE}*"):
            path.unlink()
        make_store(self.folder, self.identity.key)
        return self.store()

    def store(self) -> Store:
        return Store(self.folder, self.identity.key, write=True)
