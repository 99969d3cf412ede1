"""Whose badge is this, and what of it may be written down?

No number of a badge is kept: not in memory, where only its keyed digest is, and not in the journal, where an
entry commits to a salted digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LONGEST = 128
"""Characters of a badge."""

_TAG = b"bwvdock badge 1\x00"


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Whose a badge is: an officer, of a unit ("" for none), until a time (not included; "" for no end)."""

    officer: str
    unit: str = ""
    until: str = ""


class Badges:
    """The badges of a list, by keyed digests of their numbers."""

    def __init__(self, rows: Iterable[tuple[str, Holder]] = (), *, key: bytes) -> None:
        """Take whose each badge is; `key` is a secret of this process."""
        self._key = key
        self._holders: Mapping[bytes, Holder] = {self._digest(badge): holder for badge, holder in rows}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._holders)

    def holder(self, badge: str, moment: str) -> Holder | None:
        """Return whose a badge is at a time (as the journal writes it), None if it is nobody's then."""
        found = self._holders.get(self._digest(badge))
        return found if found and (not found.until or moment < found.until) else None

    def holder_of(self, officer: str, moment: str) -> Holder:
        """Return what the list says of an officer at a time; of one who is not in it, nothing but the id."""
        valid = (one for one in self._holders.values() if not one.until or moment < one.until)
        return next((one for one in valid if one.officer == officer), Holder(officer=officer))

    def _digest(self, badge: str) -> bytes:
        return hashlib.blake2b(badge.encode(), key=self._key[:64], digest_size=32).digest()


def may_be_badge(text: str) -> bool:
    """Return whether a text can be what a reader typed: 1 to 128 visible characters."""
    return 0 < len(text) <= LONGEST and text.isprintable() and bool(text.strip())


def badge_proof(badge: str, officer: str, salt: bytes) -> str:
    """Return what an entry commits to: the officer, the salt, and the SHA-256 over a tag, salt and number.

    With the badge at hand it can be computed again. The officer is in it so that it is erased together with
    the other values about them: numbers are short, and with the salt they could be guessed.
    """
    return f"{officer} {salt.hex()} {hashlib.sha256(_TAG + salt + badge.encode()).hexdigest()}"
