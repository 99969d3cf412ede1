"""How is what may be sent put together, and written into one file?

Each part by itself: what cannot be read leaves out that part, and says so.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bwvdock import __version__
from bwvdock.core.moments import iso
from bwvdock.errors import StorageError, UsageError, words_of
from bwvdock.support.allowed import Pseudonyms

README = """\
What bwvdock support-bundle collected on a dock, with bwvdock {version}, at {made_at}.

It has figures, times, states and codes. Cameras, clips, dockings and stores have names like camera-1, the
same for the same throughout this file; only who has the dock knows which is which. It has no footage, no
message of the log, no secret, and no name of a person, a camera, a place, a host or a file.

Look at it before you send it, and say in your own words what happened and when.
"""

Part = Callable[[Pseudonyms], Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """What is sent: the files by their names, and which parts could not be read."""

    files: Mapping[str, bytes]
    not_read: tuple[str, ...] = ()


@dataclass(kw_only=True, slots=True)
class _Collected:
    names: Pseudonyms = field(default_factory=Pseudonyms)
    files: dict[str, bytes] = field(default_factory=dict)
    not_read: list[str] = field(default_factory=list)


def collect(parts: Mapping[str, Part], *, now: datetime) -> Bundle:
    """Return the files that support gets.

    Args:
        parts: for each file without its ".json", what makes its content.
        now: the time, in UTC.
    """
    found = _Collected()
    text = README.format(version=__version__, made_at=iso(now))
    found.files["README.txt"] = text.encode()
    for name, part in parts.items():
        try:
            content = part(found.names)
        except Exception as error:  # noqa: BLE001 - the boundary: one part fails, the others are collected
            # The class alone: what it says may quote anything.
            content = {"not_read": type(error).__name__ if _is_known(error) else "an error"}
            found.not_read.append(name)
        found.files[f"{name}.json"] = json.dumps(content, indent=1, sort_keys=True).encode() + b"\n"
    return Bundle(files=found.files, not_read=tuple(found.not_read))


def _is_known(error: Exception) -> bool:
    return type(error).__module__ in {"builtins", "bwvdock.errors", "subprocess", "sqlite3"}


def archive(bundle: Bundle, folder: str, *, now: datetime) -> bytes:
    """Return the bundle as a tar.gz, whose files are in a folder and nobody's."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in bundle.files.items():
            info = tarfile.TarInfo(f"{folder}/{name}")
            info.size, info.mode, info.mtime = len(content), 0o644, int(now.timestamp())
            tar.addfile(info, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=int(now.timestamp()))


def write(path: Path, content: bytes) -> None:
    """Write a new file that its owner alone may read.

    Raises:
        UsageError: the name is taken.
        StorageError: it cannot be written.
    """
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(path, flags, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError:
        raise UsageError(f"{path} exists already.", remedy="Give another --to FILE") from None
    except OSError as error:
        path.unlink(missing_ok=True)
        raise StorageError(
            f"{path} cannot be written: {words_of(error)}.", remedy="Give another --to FILE"
        ) from error
