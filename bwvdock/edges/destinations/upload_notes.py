"""Where did an unfinished upload stop? Small notes on the dock's own disk, one for each part of a clip.

A bucket has one more, "tags": that tags of ours were set there (s3/tags.py).

    STATE/uploads/DESTINATION/KEY.json

A note is only a hint: what a store reports that it has counts. A note that is lost, torn
or of another version costs an upload that begins again and an orphan at the store, never a clip.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bwvdock.core.plain_json import object_of
from bwvdock.edges import durable
from bwvdock.errors import StorageError, words_of

_MOST_BYTES = 1 << 20  # of one note; S3 keeps up to 10,000 parts in one
_DISK = "Check the disk (journalctl -k, smartctl -a) and the permissions of the state directory"


class Notes:
    """The notes of one destination. Threads may use it at once, each for parts of its own."""

    def __init__(self, folder: Path, *, destination: str) -> None:
        """Open the notes, made if need be.

        Args:
            folder: holds the notes of all destinations; the folder above it must be there.
            destination: as the configuration names it.

        Raises:
            StorageError: they cannot be opened.
        """
        try:
            above = durable.open_directory(str(folder.parent))
            try:
                below = durable.make_directory(folder.name, below=above, mode=0o700)
            finally:
                os.close(above)
            try:
                self._directory = durable.make_directory(_file_name(destination), below=below, mode=0o700)
            finally:
                os.close(below)
        except OSError as error:
            raise StorageError(
                f"the notes in {folder} cannot be opened: {words_of(error)}", remedy=_DISK
            ) from error

    def close(self) -> None:
        """Close the directory; closing twice is allowed."""
        if self._directory >= 0:
            os.close(self._directory)
        self._directory = -1

    def note(self, key: str) -> dict[str, Any]:
        """Return what was last remembered; empty where there is nothing, or nothing that can be read."""
        with suppress(OSError, ValueError):
            return object_of(durable.read_small(_note_name(key), _MOST_BYTES, below=self._directory))
        return {}

    def remember(self, key: str, told: Mapping[str, Any], *, lasting: bool = True) -> None:
        """Replace a note; durable when this returns, unless it need not be `lasting`.

        Such a note outlives the process and not a power cut: for what costs little if it is not known.

        Raises:
            StorageError: the disk refuses; the earlier one is unchanged.
            DurabilityError: the disk did not keep it.
        """
        try:
            content = json.dumps(told).encode()
            durable.replace(self._directory, _note_name(key), content, lasting=lasting)
        except OSError as error:
            raise StorageError(
                f"the note {key} cannot be written: {words_of(error)}", remedy=_DISK
            ) from error

    def forget(self, key: str) -> None:
        """Remove a note, if it exists. A power cut may restore it.

        Raises:
            StorageError: the disk refuses.
        """
        try:
            durable.remove(self._directory, _note_name(key))
        except OSError as error:
            raise StorageError(
                f"the note {key} cannot be removed: {words_of(error)}", remedy=_DISK
            ) from error


def note_key(clip_id: str, part: int) -> str:
    """Return the key of a part's note."""
    return f"{clip_id}.{part}"


def _note_name(key: str) -> str:
    return f"{_file_name(key)}.json"


def _file_name(name: str) -> str:
    return quote(name, safe="").replace(".", "%2E") if name in {".", ".."} else quote(name, safe="")
