"""The rights that the daemon has: tests run as root, which opens what nobody else may."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NOBODY = 65534


@contextmanager
def unprivileged(also: Path | None = None) -> Iterator[Path]:
    """Return a folder that can be written to, and no other rights than that.

    Args:
        also: another folder that can be; what leads there must be open to everybody.
    """
    was = os.geteuid()
    folder = Path(tempfile.mkdtemp(prefix="bwvdock-test-"))
    try:
        if was == 0:
            for given in (folder, also or folder):
                os.chown(given, _NOBODY, -1)
            os.seteuid(_NOBODY)
        yield folder
    finally:
        os.seteuid(was)
        shutil.rmtree(folder)
