"""How do figures get into the folder of a node exporter? As a file that is there whole, old or new."""

from __future__ import annotations

import os
from pathlib import Path

from bwvdock.edges import durable
from bwvdock.errors import StorageError, words_of

_MODE = 0o644  # the node exporter is another user; nothing in it is personal


def write_textfile(path: Path, content: bytes) -> None:
    """Put the content in place of the file.

    Raises:
        StorageError: it cannot be written; what was there is still there.
    """
    folder = -1
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        durable.replace(folder, path.name, content, mode=_MODE)
    except OSError as error:
        raise StorageError(
            f"The figures for Prometheus cannot be written to {path}: {error.strerror or words_of(error)}.",
            remedy=f"Let the user bwvdock write to {path.parent}, and restart bwvdock where that folder is "
            "new; docs/how-to/watch-docks-with-prometheus.md says how",
        ) from error
    finally:
        if folder >= 0:
            os.close(folder)
