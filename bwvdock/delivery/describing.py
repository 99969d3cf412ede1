"""How is a clip's custody document written from the present journal?

Called in the queues' threads: the journal's own thread must not wait.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bwvdock.core.custody.document import CustodyDocument, Extract, custody_document
from bwvdock.core.custody.inclusion_proofs import Subtrees
from bwvdock.edges.journal.checkpoints import Enough, nobody
from bwvdock.edges.journal.read.pool import ReaderPool
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.errors import JournalError


def write_document(
    journal: Path,
    clip: str,
    *,
    dock: str,
    non_evidential_days: int,
    enough: Enough = nobody,
) -> CustodyDocument:
    """Return the document of a clip from the present journal.

    Args:
        journal: the journal's file.
        clip: the clip's id.
        dock: the id of this dock.
        non_evidential_days: for how many days non-evidential footage is kept.
        enough: says which witnesses are as many as the dock's policy asks for.

    Raises:
        JournalError: the journal cannot be read, or its tree does not prove the clip's entries.
    """
    with JournalReader(journal) as reader:
        extract = _extract(reader, clip, enough, None)
    return custody_document(extract, dock=dock, non_evidential_days=non_evidential_days)


def _extract(reader: JournalReader, clip: str, enough: Enough, subtrees: Subtrees | None) -> Extract:
    extract = reader.extract(clip, enough, subtrees)
    if extract is None:
        raise JournalError(f"The journal has no clip {clip}.", remedy="Run `bwvdock custody verify`.")
    return extract


@dataclass(kw_only=True, slots=True)
class DocumentWriter:
    """Writes custody documents from the journal; `non_evidential_days` may change while it does.

    `enough` says which witnesses are as many as the dock's policy asks for. Documents that are written one
    after the other are about entries that are near one another: most of their proofs is computed once.
    """

    readers: ReaderPool
    dock: str
    non_evidential_days: int
    enough: Enough = nobody
    _subtrees: Subtrees = field(default_factory=Subtrees)

    def __call__(self, clip: str) -> CustodyDocument:
        """Return the document of a clip. Raises as `write_document`."""
        with self.readers.lend() as reader:
            extract = _extract(reader, clip, self.enough, self._subtrees)
        return custody_document(extract, dock=self.dock, non_evidential_days=self.non_evidential_days)
