"""Which logs does this witness know, by which keys?

A text file, `logs`: a line for each key, "VKEY NAME"; the key's own name is the log's origin. It is read
again when it has changed, so that a log can be added while the witness runs. A log may have several keys.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bwvdock.core.custody.c2sp.signed_note import ED25519, VerifierKey, read_verifier_key
from bwvdock.edges import durable
from bwvdock.edges.system import hold_folder
from bwvdock.errors import StorageError, UsageError, words_of

LOGS_FILE = "logs"
_MOST_BYTES = 16 * 1024 * 1024
_HEAD = "# The logs that this witness knows, a line for each key (bwvdock witness add-log NAME VKEY).\n"


@dataclass(frozen=True, slots=True)
class KnownLog:
    """A log: what people here call it, and the keys that may sign for its origin."""

    name: str
    keys: tuple[VerifierKey, ...]


def _read(text: str) -> dict[str, KnownLog]:
    """Return the logs of the file's text, by their origin.

    Raises:
        ValueError: a line has another form.
    """
    logs: dict[str, KnownLog] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        vkey, _, name = line.partition(" ")
        try:
            key = _log_key(vkey)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
        known = logs.get(key.name)
        logs[key.name] = KnownLog(name.strip(), (*(known.keys if known else ()), key))
    return logs


def _log_key(vkey: str) -> VerifierKey:
    key = read_verifier_key(vkey)
    if key.kind != ED25519:
        raise ValueError("a log signs with an Ed25519 key (type 0x01); this is the key of a witness")
    return key


@dataclass(slots=True)
class TrustedLogs:
    """The logs of a witness's folder, as the file has them now."""

    folder: Path
    _seen: tuple[int, int, int] = (0, 0, 0)
    _logs: Mapping[str, KnownLog] = field(default_factory=dict)
    _hashes: Mapping[str, str] = field(default_factory=dict)

    def all(self) -> Mapping[str, KnownLog]:
        """Return the logs by their origin.

        Raises:
            StorageError: the file cannot be read, or has a line of another form.
        """
        path = self.folder / LOGS_FILE
        try:
            found = path.stat()
            seen = (found.st_ino, found.st_size, found.st_mtime_ns)
            if seen != self._seen:
                self._logs = _read(durable.read_small(str(path), _MOST_BYTES).decode("utf-8"))
                self._hashes = {hashlib.sha256(o.encode()).hexdigest(): o for o in self._logs}
                self._seen = seen
        except FileNotFoundError:
            self._logs, self._hashes, self._seen = {}, {}, (0, 0, 0)
        except OSError as error:
            raise StorageError(f"The list of logs cannot be read: {words_of(error)}.") from error
        except ValueError as error:
            raise StorageError(
                f"The list of logs, {path}, is wrong: {error}.", remedy="Correct the line."
            ) from error
        return self._logs

    def origin_of(self, origin_hash: str) -> str:
        """Return the origin with this SHA-256 (hexadecimal), "" if it is not that of a known log.

        Raises:
            StorageError: the file cannot be read, or has a line of another form.
        """
        self.all()
        return self._hashes.get(origin_hash, "")

    def add(self, name: str, vkey: str) -> tuple[VerifierKey, bool]:
        """Trust a key; return it, and whether it is new. It is on the disk then.

        Raises:
            UsageError: the key or the name has another form.
            StorageError: the file cannot be read or written.
        """
        try:
            key = _log_key(vkey.strip())
        except ValueError as error:
            raise UsageError(
                f"This is not the key of a log: {error}.",
                remedy="The dock prints its key: bwvdock custody checkpoint",
            ) from error
        if not name.strip() or not name.isprintable():
            raise UsageError("A log needs a name that people know it by, on one line.")
        try:
            with hold_folder(self.folder):  # another may be added at the same time
                known = self.all().get(key.name)
                if known and key in known.keys:
                    return key, False
                self._append(f"{key} {name.strip()}\n")
        except OSError as error:
            raise StorageError(f"The list of logs cannot be written: {words_of(error)}.") from error
        return key, True

    def _append(self, line: str) -> None:
        held = durable.open_directory(str(self.folder))
        try:
            try:
                before = durable.read_small(LOGS_FILE, _MOST_BYTES, below=held)
            except FileNotFoundError:
                before = _HEAD.encode()
            durable.replace(held, LOGS_FILE, before + line.encode())
        finally:
            os.close(held)
