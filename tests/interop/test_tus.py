"""Does footage come whole to tus servers that nobody here wrote? Seen on the servers' own disks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.proof import ProofMethod, Receipt
from bwvdock.core.ports import PIECE_BYTES
from bwvdock.edges.destinations.access import Access
from bwvdock.edges.destinations.http import Web
from bwvdock.edges.destinations.tus.destination import TusDestination
from bwvdock.edges.destinations.upload_notes import Notes, note_key
from bwvdock.edges.spool import FileSpool
from bwvdock.errors import DestinationUnavailableError, HaltedError
from tests.fakes.footage import footage
from tests.fakes.spooled import spooled_clip
from tests.fakes.transfer import UNLIMITED
from tests.fakes.uploads import Watched
from tests.servers.tus import TusServer
from tests.servers.tus_uploadx import TusUploadx

pytestmark = pytest.mark.interop

_numbers = count(1)
_CALLS = 20  # of `store`: as a dock makes them, which asks again and again


@dataclass
class Dock:
    """What a destination needs, and another one after a restart."""

    base: Path
    spool: FileSpool
    server: TusServer

    def destination(self) -> TusDestination:
        destination = TusDestination(
            Web(self.server.url, Access(), name="tus"),
            name="tus",
            spool=self.spool,
            notes=Notes(self.base / "uploads", destination="tus"),
            manifest=lambda clip: {"clip": clip.id, "officer": "Žofie Nováková 警官", "empty": ""},
        )
        self.revive()
        destination.assess(UNLIMITED)
        return destination

    def revive(self) -> None:
        """Start the server again if it has died: @tus/server does, now and then, of a request that is cut."""
        if not any(process.running() for process in self.server.processes):
            self.server.kill()
            self.server.start()

    def clip(self, *contents: bytes) -> Clip:
        return spooled_clip(self.spool, *contents, number=next(_numbers))

    def url(self, path: str) -> str:
        return urljoin(self.server.url, path)

    def part_url(self, clip: Clip, part: int) -> str:
        notes = Notes(self.base / "uploads", destination="tus")
        try:
            return str(notes.note(note_key(clip.id, part))["url"])
        finally:
            notes.close()


@pytest.fixture
def dock(tus_server: TusServer, tmp_path: Path) -> Iterator[Dock]:
    spool = FileSpool(tmp_path / "spool", min_free=0)
    yield Dock(tmp_path, spool, tus_server)
    spool.close()


def expected_method(server: TusServer) -> ProofMethod:
    return ProofMethod.PIECES_CHECKED if "sha256" in server.checksums else ProofMethod.READ_BACK


def brought(dock: Dock, clip: Clip, transfer: Watched) -> str:
    """Ask a new destination, as after a restart, until it is stored."""
    for _ in range(_CALLS):
        destination = dock.destination()
        try:
            return destination.store(clip, transfer)
        except DestinationUnavailableError:
            continue
        finally:
            destination.close()
    raise AssertionError(f"not stored in {_CALLS} calls")


def proven(dock: Dock, clip: Clip) -> Receipt:
    destination = dock.destination()
    try:
        return destination.prove(clip, UNLIMITED)
    finally:
        destination.close()


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES + 70_000])
def test_a_clip_of_any_size_arrives_and_is_proven(dock: Dock, size: int) -> None:
    content, destination = footage(size, seed=size), dock.destination()
    clip = dock.clip(content)
    transfer = Watched()
    path = destination.store(clip, transfer)
    receipt = destination.prove(clip, UNLIMITED)
    assert dock.server.stored_sha256(dock.url(path)) == clip.sha256 == receipt.sha256
    assert (receipt.object, receipt.method) == (path, expected_method(dock.server))
    assert transfer.taken == size
    assert transfer.held[-1] == size
    destination.close()


def test_sidecars_and_odd_names_arrive_with_the_footage(dock: Dock) -> None:
    contents, destination = (footage(70_000), b"gps", b""), dock.destination()
    clip = dock.clip(*contents)
    path = destination.store(clip, UNLIMITED)
    assert dock.server.stored(dock.url(path)) == contents[0]
    for part, content in enumerate(contents):
        assert dock.server.stored(dock.part_url(clip, part)) == content
    assert destination.prove(clip, UNLIMITED).sha256 == clip.sha256
    head = requests.head(dock.url(path), headers={"Tus-Resumable": "1.0.0"}, timeout=60)
    told = dict(pair.split(" ") for pair in head.headers["Upload-Metadata"].split(","))
    assert "officer" in told
    assert "empty" not in told
    destination.close()


def test_a_custody_document_lies_beside_its_clip(dock: Dock) -> None:
    destination = dock.destination()
    clip = dock.clip(b"footage")
    clip = replace(clip, uploaded={"tus": destination.store(clip, UNLIMITED)})
    clip = replace(clip, receipts={"tus": destination.prove(clip, UNLIMITED)})
    path = destination.describe(clip, b'{"entries": []}', UNLIMITED)
    assert dock.server.stored(dock.url(path)) == b'{"entries": []}'
    assert list((dock.base / "uploads/tus").iterdir()) == []
    destination.close()


def test_storing_again_sends_nothing(dock: Dock) -> None:
    clip = dock.clip(footage(70_000))
    path, transfer = brought(dock, clip, Watched()), Watched()
    assert brought(dock, clip, transfer) == path
    assert transfer.taken == 0


def test_two_clips_that_begin_alike_do_not_mix(dock: Dock) -> None:
    same, size = footage(1 << 20), 3 << 20
    contents = [same + footage(size - len(same), seed=seed) for seed in (1, 2)]
    clips = [dock.clip(content) for content in contents]
    halted = dock.destination()
    with pytest.raises(HaltedError):
        halted.store(clips[0], Watched(halt_at=2 << 20))
    halted.close()
    paths = [brought(dock, clip, Watched()) for clip in reversed(clips)]
    stored = [dock.server.stored_sha256(dock.url(path)) for path in reversed(paths)]
    assert stored == [hashlib.sha256(content).hexdigest() for content in contents]


@pytest.mark.parametrize("halt_at", [1 << 20, PIECE_BYTES, PIECE_BYTES + (5 << 20), 3 * PIECE_BYTES - 1])
def test_a_client_that_was_cut_goes_on_after_its_restart(dock: Dock, halt_at: int) -> None:
    clip = dock.clip(footage(4 * PIECE_BYTES, seed=halt_at))
    first, rest = Watched(halt_at=halt_at), Watched()
    halted = dock.destination()
    with pytest.raises(HaltedError):
        halted.store(clip, first)
    halted.close()
    path = brought(dock, clip, rest)
    assert dock.server.stored_sha256(dock.url(path)) == clip.sha256
    assert proven(dock, clip).sha256 == clip.sha256
    assert (first.taken + rest.taken) / clip.size < most_sent(dock.server)


def most_sent(server: TusServer) -> float:
    """Return the most bytes that may be sent for each byte of a clip.

    uploadx may keep bytes of a request that was cut, though it has compared them with nothing, and gives no
    bytes back: they can never be proven, so they are left there and sent again.
    """
    return 2.0 if isinstance(server, TusUploadx) else 1.3


@dataclass
class Killing(Watched):
    """Kills the server after so many bytes."""

    server: TusServer | None = None
    kill_at: int = 0

    def take(self, count: int) -> None:
        super().take(count)
        if self.server is not None and self.taken >= self.kill_at:
            self.server.kill()
            self.server = None


def test_a_server_that_was_killed_and_came_back_gets_the_rest(dock: Dock) -> None:
    clip = dock.clip(footage(4 * PIECE_BYTES, seed=9))
    first, rest = Killing(server=dock.server, kill_at=PIECE_BYTES + (5 << 20)), Watched()
    cut = dock.destination()
    with pytest.raises(DestinationUnavailableError):
        cut.store(clip, first)
    cut.close()
    path = brought(dock, clip, rest)
    assert dock.server.stored_sha256(dock.url(path)) == clip.sha256
    receipt = proven(dock, clip)
    assert (receipt.sha256, receipt.method) == (clip.sha256, expected_method(dock.server))
    assert (first.taken + rest.taken) / clip.size < most_sent(dock.server)


def test_each_server_is_found_to_be_what_it_is(dock: Dock) -> None:
    destination = dock.destination()
    assessment = destination.assess(UNLIMITED)
    assert assessment.method is expected_method(dock.server)
    assert assessment.words.startswith("tus: ")
    destination.probe()
    destination.close()
