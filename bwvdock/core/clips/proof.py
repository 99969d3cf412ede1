"""What proves that a destination's copy of a clip is whole? bwvdock/stages/verify.py asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from bwvdock.core.facts import ClipVerified


class ProofMethod(StrEnum):
    """How a destination's copy was proven to have the digest taken at ingest."""

    PIECES_CHECKED = (
        "pieces-checked"  # the store checked the digest of each piece, and is known to refuse wrong ones
    )
    STORE_COMPUTED = "store-computed"  # the store reported a digest that it computed itself
    READ_BACK = "read-back"  # the object was read back whole and hashed here


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """What a destination's acknowledgement proves, tested with an object whose digest was wrong.

    `method` is None where nothing that the store offers proves a copy: no clip can become verified there.
    `words` are what was tried and what the store answered; `object_lock` says that it was proven to lock
    objects.
    """

    method: ProofMethod | None
    words: str
    object_lock: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """What we found a destination's copy to be, as opposed to what the store reports.

    `words` are the store's own words about it, unchanged.
    """

    destination: str
    object: str
    version: str
    sha256: str
    method: ProofMethod
    words: str = ""

    @classmethod
    def of(cls, fact: ClipVerified) -> Self:
        """Return the receipt that a fact states."""
        return cls(
            destination=fact.destination,
            object=fact.object,
            version=fact.version,
            sha256=fact.sha256,
            method=ProofMethod(fact.method),
            words=fact.words,
        )
