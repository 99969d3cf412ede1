"""How much of a journal has an evidence system acknowledged? A small file for each, kept over a restart.

What is kept is never ahead of what was acknowledged: where it is lost, older, or could not be written,
entries are sent again, and none is left out. It names the journal and the hash of the last entry, so that it
cannot be taken for a place in another journal.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from bwvdock.core.plain_json import plain, restored
from bwvdock.edges import durable
from bwvdock.errors import DurabilityError, StorageError, words_of

FOLDER = "feeds"
_MOST_FILE = 4096
_MOST_ENTRIES = 2**53
_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """The first `acknowledged` entries of a journal were; `leaf_hash` is the hash of the last of them.

    `before` is the journal before this one, "" where this is the first, and `before_acknowledged` how many
    entries of it were acknowledged.
    """

    journal: str = ""
    acknowledged: int = 0
    leaf_hash: str = ""
    before: str = ""
    before_acknowledged: int = 0


def _require_usable(position: Position) -> None:
    counts = (position.acknowledged, position.before_acknowledged)
    if not all(0 <= count < _MOST_ENTRIES for count in counts):
        raise ValueError("a number of entries that no journal has")
    hashes = (position.journal, position.leaf_hash, position.before)
    if not all(one == "" or _HASH.fullmatch(one) for one in hashes):
        raise ValueError("a hash that is not one")
    if bool(position.acknowledged) != bool(position.leaf_hash):
        raise ValueError("entries without the hash of the last, or the other way round")
    if position.acknowledged and not position.journal:
        raise ValueError("entries of no journal")


class PositionFile:
    """The file of one feed. Belongs to that feed's thread."""

    def __init__(self, state_dir: Path, name: str) -> None:
        """Name it; the folder is made when something is written."""
        self._state_dir = state_dir
        self._name = f"{name}.json"

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._state_dir / FOLDER / self._name

    def read(self) -> Position:
        """Return what was kept; the beginning, where there is no file.

        Raises:
            StorageError: it cannot be read, or is not such a file.
        """
        try:
            content = durable.read_small(str(self.path), _MOST_FILE)
        except FileNotFoundError:
            return Position()
        except OSError as error:
            raise self._failed("read", words_of(error)) from error
        try:
            position = restored(Position, json.loads(content))
            _require_usable(position)
        except (ValueError, RecursionError) as error:
            raise self._failed("read", str(error)) from error
        return position

    def write(self, position: Position) -> None:
        """Replace it durably.

        Raises:
            StorageError: it cannot be written.
        """
        content = json.dumps(plain(position)).encode()
        try:
            above = durable.open_directory(str(self._state_dir))
            try:
                folder = durable.make_directory(FOLDER, below=above)
            finally:
                os.close(above)
            try:
                durable.replace(folder, self._name, content)
            finally:
                os.close(folder)
        except (OSError, DurabilityError) as error:
            words = words_of(error) if isinstance(error, OSError) else error.message
            raise self._failed("written", words) from error

    def _failed(self, what: str, why: str) -> StorageError:
        return StorageError(
            f"How far a feed was acknowledged, {self.path}, cannot be {what}: {why}.",
            remedy=f"ls -l {self.path}; df -h {self._state_dir}",
        )
