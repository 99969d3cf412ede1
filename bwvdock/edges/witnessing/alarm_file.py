"""Where are the alarms about the journal kept? In the state directory, so that a restart forgets nothing.

Beside the journal and not only in it: the journal is what is in doubt.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bwvdock.core.custody.witnessing import Contradiction
from bwvdock.core.plain_json import plain, restored
from bwvdock.edges import durable
from bwvdock.errors import DurabilityError, StorageError

NAME = "not-as-witnessed.json"
_MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """A contradiction, and when the dock first heard of it."""

    at: str
    contradiction: Contradiction


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kept:
    """What the file holds."""

    alarms: tuple[Alarm, ...]


class AlarmFile:
    """The file. Read once at the start; written by the thread that owns the journal, rarely."""

    def __init__(self, state_dir: Path) -> None:
        """Name the file."""
        self._folder = state_dir

    def read(self) -> dict[str, Alarm]:
        """Return the alarms by the witness's verifier key.

        Raises:
            StorageError: the file is there and cannot be read: whether there was an alarm is then unknown.
        """
        try:
            content = durable.read_small(str(self._folder / NAME), _MOST_BYTES)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._failed(error) from error
        try:
            kept = restored(_Kept, json.loads(content))
        except (ValueError, RecursionError) as error:
            raise self._failed(error) from error
        return {alarm.contradiction.witness: alarm for alarm in kept.alarms}

    def write(self, alarms: Mapping[str, Alarm]) -> None:
        """Replace the file durably; without an alarm it is removed.

        Raises:
            StorageError: it cannot be written.
        """
        try:
            held = durable.open_directory(str(self._folder))
            try:
                if alarms:
                    document = plain(_Kept(alarms=tuple(alarms.values())))
                    durable.replace(held, NAME, json.dumps(document, ensure_ascii=False).encode())
                else:
                    durable.remove(held, NAME)
                    durable.sync_directory(held)
            finally:
                os.close(held)
        except (OSError, DurabilityError) as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> StorageError:
        return StorageError(
            f"What witnesses stated against the journal cannot be read or kept: {error} "
            f"({self._folder / NAME}).",
            remedy=f"ls -l {self._folder / NAME}; df -h {self._folder}",
        )
