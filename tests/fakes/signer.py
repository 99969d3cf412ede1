"""A signer in memory, that counts, is away, hangs or lies on demand."""

from __future__ import annotations

from collections.abc import Callable

from bwvdock.edges import ed25519
from bwvdock.errors import BwvdockError, SignerRefusedError
from bwvdock.signer.notary import EMPTY, Head, Judge, Notary, require_known_name

SEED = bytes(range(32))


class Memory:
    """What was signed last, for as long as the test takes."""

    def __init__(self) -> None:
        self.signed: dict[str, Head] = {}
        self.key = b""

    def advance(self, origin: str, key: bytes, judge: Judge) -> None:
        if self.key not in {b"", key}:
            raise SignerRefusedError("Another key signed before.", remedy="Put it back.")
        if origin not in self.signed:
            require_known_name(origin, self.signed)
        self.signed[origin] = judge(self.signed.get(origin, EMPTY))
        self.key = key


class FakeSigner:
    """The CheckpointSigner port.

    `error`: raised at each call; `lie`: what becomes of each note; `shows`: what becomes of the note in each
    refusal; `signed`: how many there were.
    """

    def __init__(self, *, seed: bytes = SEED) -> None:
        self.memory = Memory()
        self.error: BwvdockError | None = None
        self.lie: Callable[[str], str] = str
        self.shows: Callable[[str], str] = str
        self.signed = 0
        self._seed = seed

    def public_key(self) -> bytes:
        if self.error is not None:
            raise self.error
        return ed25519.public(self._seed)

    def sign(self, submission: bytes) -> str:
        notary = Notary(self.public_key(), lambda message: ed25519.sign(self._seed, message), self.memory)
        try:
            note = notary.sign(submission)
        except SignerRefusedError as error:
            error.note = self.shows(error.note) if error.note else ""
            raise
        self.signed += 1
        return self.lie(note)
