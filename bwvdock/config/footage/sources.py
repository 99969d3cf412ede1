"""Which folders are treated as cameras, and is what [[source]] says of them valid?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bwvdock.config.stores import absolute
from bwvdock.config.toml_table import Table, choice, line
from bwvdock.core.clips.admission import wrong_with_serial


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderSource:
    """A folder that is treated as a camera."""

    path: Path
    serial: str


def read_sources(tables: list[Table]) -> tuple[FolderSource, ...]:
    """Return what the tables say; mistakes are recorded in them."""
    sources: list[FolderSource] = []
    for table in tables:
        table.need("kind", choice("folder"), "folder", remedy='write kind = "folder"')
        source = FolderSource(
            path=table.need("path", absolute, Path("/"), remedy="give the folder that acts as a camera"),
            serial=table.need("serial", line, "", remedy="give the camera a serial"),
        )
        if source.serial and (wrong := wrong_with_serial(source.serial)):
            table.wrong("serial", wrong, "use a serial of its own")
        elif source.serial != source.serial.strip():
            table.wrong("serial", "begins or ends with a space", "write it without")
        if source.serial in {other.serial for other in sources}:
            table.wrong("serial", "another source has the same serial", "give each source its own")
        if source.path in {other.path for other in sources}:
            table.wrong("path", "another source has the same folder", "use each folder once")
        table.nothing_else()
        sources.append(source)
    return tuple(sources)
