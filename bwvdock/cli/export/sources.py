"""Where is a copy of a clip's part that has the digest taken at ingest?

In the spool, in a directory vault, or in a file that the operator names. A copy that is not what was acquired
is passed over for the next one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bwvdock.config.settings import Config
from bwvdock.config.stores import DirectoryStore
from bwvdock.core.clips.clip import Clip
from bwvdock.core.media.part_names import part_name
from bwvdock.edges import durable
from bwvdock.edges.bags.bag import Bag
from bwvdock.edges.destinations.vault_files import VaultFiles
from bwvdock.edges.rights import as_owner_of
from bwvdock.edges.spool import found_name
from bwvdock.errors import DestinationError, NotAsAcquiredError, words_of

_Copy = AbstractContextManager[durable.DiskFile]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where copies may be: the dock's own places, and files that were named."""

    config: Config
    files: Sequence[Path] = ()

    def put(self, bag: Bag, clip: Clip) -> None:
        """Copy the footage and the sidecars of a clip into a bag.

        Raises:
            NotAsAcquiredError: there is no copy here with the digest taken at ingest.
            StorageError: the bag cannot be written.
        """
        for number in range(len(clip.parts)):
            tried: list[str] = []
            if not any(self._take(bag, clip, number, copy, tried) for copy in self._copies(clip, number)):
                raise self._lacking(clip, number, tried)

    def _take(self, bag: Bag, clip: Clip, number: int, copy: tuple[str, _Copy], tried: list[str]) -> bool:
        where, opening = copy
        part = clip.parts[number]
        try:
            source = opening.__enter__()
        except (OSError, DestinationError) as error:
            tried.append(f"{where}: {words_of(error) if isinstance(error, OSError) else error.message}")
            return False
        try:
            bag.copy(_name(clip, number), source, size=part.size, sha256=part.sha256)
        except NotAsAcquiredError as error:
            tried.append(f"{where}: {error.message}")
            return False
        finally:
            opening.__exit__(None, None, None)
        return True

    def _copies(self, clip: Clip, number: int) -> Iterator[tuple[str, _Copy]]:
        yield "the spool", self._in_spool(clip, number)
        for store in self.config.vaults:
            vault = VaultFiles(store.path, name=store.name, marks=self.config.vault_marks)
            yield vault.title, vault.opened(clip, number)
        yield from ((str(file), _named(file)) for file in self.files)

    @contextmanager
    def _in_spool(self, clip: Clip, number: int) -> Iterator[durable.DiskFile]:
        with as_owner_of(self.config.state_dir):  # root follows no name that the dock's user put there
            spool = durable.open_directory(str(self.config.spool))
            try:
                file = durable.DiskFile.read(spool, found_name(spool, clip, number))
            finally:
                os.close(spool)
        with file:
            yield file

    def _lacking(self, clip: Clip, number: int, tried: list[str]) -> NotAsAcquiredError:
        what = "the footage" if number == 0 else f"sidecar {number}"
        remote = [
            f"{clip.uploaded.get(store.name) or receipt.object} from {store.name}"
            for store in self.config.destinations
            if not isinstance(store, DirectoryStore)
            for receipt in (clip.receipts.get(store.name),)
            if receipt is not None and store.name not in clip.disposed
        ]
        fetch = f"fetch {' or '.join(remote)}, and " if remote else "if a copy is elsewhere, "
        return NotAsAcquiredError(
            f"No copy of {what} of clip {clip.id} here has the digest taken at ingest: {'; '.join(tried)}. "
            "Nothing was exported.",
            remedy=f"{fetch}name it with --footage FILE (SHA-256 {clip.parts[number].sha256}); "
            "bwvdock custody verify says which copies are damaged",
        )


def _name(clip: Clip, number: int) -> str:
    extension = part_name(clip, number).rpartition(".")[2]
    return (
        f"data/sidecars/{clip.id}.{number}.{extension}" if number else f"data/footage/{clip.id}.{extension}"
    )


@contextmanager
def _named(file: Path) -> Iterator[durable.DiskFile]:
    folder = durable.open_directory(str(file.absolute().parent))
    try:
        opened = durable.DiskFile.read(folder, file.name)
    finally:
        os.close(folder)
    with opened:
        yield opened
