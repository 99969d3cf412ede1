"""Which files of a backup say whose state it is, and that its journal may not be continued?"""

from __future__ import annotations

from bwvdock.backup.layout import STATE
from bwvdock.core.canonical import canonical
from bwvdock.edges.identity_file import NAME as IDENTITY_FILE
from bwvdock.edges.journal.put_back import NAME as MARK
from bwvdock.edges.journal.put_back import Head, Mark


def identity_files(dock: str, head: Head, made_at: str) -> dict[str, bytes]:
    """Return the path and content of each: nothing is in them but what COMPLETE says too."""
    mark = Mark(
        dock=dock,
        journal=head.journal,
        entries=head.entries,
        root=head.root,
        made_at=made_at,
        moved=head.closed,
    )
    identity = canonical({"dock": dock, "journal": head.journal})
    return {f"{STATE}/{MARK}": mark.content(), f"{STATE}/{IDENTITY_FILE}": f"{identity}\n".encode()}
