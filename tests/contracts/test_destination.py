"""What does every destination promise? Run on the real ones and on the fake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.media.part_names import part_name
from bwvdock.core.ports import Destination, NoteKeeper
from bwvdock.edges.destinations.directory import DirectoryDestination
from bwvdock.edges.identity_file import MARK
from bwvdock.edges.spool import FileSpool
from bwvdock.errors import DestinationError, DestinationUnavailableError, DurabilityError, ObjectConflictError
from tests.edges.destinations.s3_rig import S3Dock, keys_of
from tests.edges.destinations.tus_world import World, world
from tests.fakes.destination import DroppingDestination, FakeVault, FlippingDestination, Medium
from tests.fakes.footage import acquired_clip, footage, part_of
from tests.fakes.spooled import rot, spooled_clip
from tests.fakes.transfer import UNLIMITED
from tests.servers.lies import Lie
from tests.servers.lying_s3 import LyingS3, Version
from tests.servers.lying_tus import LyingTus

CONTENT = (footage(70_000), b"sidecar")


@dataclass
class ConfiguredDock:
    """A destination, and the hands that reach behind it. `written` returns what every write changes."""

    destination: Destination
    spoil_spool: Callable[[Clip], None]
    spoil: Callable[[Clip, int], None]
    drop: Callable[[Clip, int], None]
    cut_off: Callable[[], None]
    written: Callable[[], object]
    names_objects: bool = True  # else the store makes the names up, and no content is in another's place
    mount_another: Callable[[str], Callable[[], int]] | None = None  # a mark; returns what counts its files
    mount_own: Callable[[], None] = lambda: None
    note: Callable[[str], bytes] = lambda _: b""


class CountingVault(FakeVault):
    """Counts what it is given to keep."""

    puts = 0

    def _put(self, name: str, content: bytes) -> None:
        self.puts += 1
        super()._put(name, content)


def fake_house() -> ConfiguredDock:
    spooled = list(CONTENT)
    destination = CountingVault(lambda clip, number: spooled[number])

    def spoil(clip: Clip, number: int) -> None:
        destination.objects[f"{clip.id}.{number}"] = bytes(clip.parts[number].size)

    def mount_another(mark: str) -> Callable[[], int]:
        other = Medium(mark=mark)
        destination.mount(other)
        return lambda: len(other.objects | other.documents)

    return ConfiguredDock(
        destination=destination,
        spoil_spool=lambda clip: spooled.__setitem__(0, bytes(len(CONTENT[0]))),
        spoil=spoil,
        drop=lambda clip, number: destination.objects.__delitem__(f"{clip.id}.{number}"),
        cut_off=lambda: setattr(destination, "reachable", False),
        written=lambda: destination.puts,
        mount_another=mount_another,
        mount_own=lambda: destination.mount(destination.own),
        note=lambda name: destination.documents[name],
    )


def directory_house(base: Path, spool: FileSpool, vault: Path) -> ConfiguredDock:
    destination = DirectoryDestination(vault, name="vault", spool=spool, marks=base / "vaults")
    spooled_clip(spool, *CONTENT)

    def replace(path: Path, content: bytes) -> None:
        path.unlink()  # a hard link: writing into it would spoil the spool's copy as well
        path.write_bytes(content)

    def there(clip: Clip, number: int) -> Path:
        return vault / "2026/04/30" / part_name(clip, number)

    def spoil(clip: Clip, number: int) -> None:
        replace(there(clip, number), bytes(clip.parts[number].size))

    def cut_off() -> None:
        destination.probe()  # the vault is known from now on
        vault.rename(base / "elsewhere")

    def mount_another(mark: str) -> Callable[[], int]:
        vault.rename(base / "its own")
        vault.mkdir()
        if mark:
            (vault / MARK).write_text(mark)
        return lambda: sum(path.name != MARK for path in vault.rglob("*"))

    def mount_own() -> None:
        vault.rename(base / "another")
        (base / "its own").rename(vault)

    return ConfiguredDock(
        destination=destination,
        spoil_spool=lambda clip: replace(base / "spool" / part_name(clip, 0), b"short"),
        spoil=spoil,
        drop=lambda clip, number: there(clip, number).unlink(),
        cut_off=cut_off,
        written=lambda: {path: _identity(path) for path in vault.rglob("*.?.*")},
        mount_another=mount_another,
        mount_own=mount_own,
        note=lambda name: (vault / name).read_bytes(),
    )


def _identity(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_ctime_ns


def s3_house(dock: S3Dock, server: LyingS3) -> ConfiguredDock:
    destination = dock.destination(server.url)
    dock.clip(*CONTENT)

    def spoil(clip: Clip, number: int) -> None:
        content = bytes(clip.parts[number].size)
        server.objects[keys_of(clip, [number])[0]] = [Version("", content, '"by another hand"')]

    def spoil_spool(clip: Clip) -> None:
        path = dock.base / "spool" / part_name(clip, 0)
        path.unlink()
        path.write_bytes(b"short")

    return ConfiguredDock(
        destination=destination,
        spoil_spool=spoil_spool,
        spoil=spoil,
        drop=lambda clip, number: server.objects.__delitem__(keys_of(clip, [number])[0]),
        cut_off=lambda: server.lie(Lie(hang_up=True)),
        note=lambda name: server.objects[name][-1].content,
        written=lambda: len(server.asked("PUT")) + len(server.asked("POST")) + len(server.asked("DELETE")),
    )


def tus_house(made: World) -> ConfiguredDock:
    made.clip(*CONTENT)

    def name(clip: Clip, number: int) -> str:
        return str(made.note(clip, number)["url"]).rpartition("/")[2]

    def spoil(clip: Clip, number: int) -> None:
        made.server.uploads[name(clip, number)].content[:] = bytes(clip.parts[number].size)

    return ConfiguredDock(
        destination=made.destination,
        spoil_spool=lambda clip: rot(made.base / "spool", clip, 5),
        spoil=spoil,
        drop=lambda clip, number: made.server.lose(name(clip, number)),
        cut_off=lambda: made.server.lie(Lie(hang_up=True)),
        written=lambda: (list(made.server.uploads), made.sent()),
        names_objects=False,
    )


@pytest.fixture(params=["directory", "fake", pytest.param("s3", marks=pytest.mark.slow), "tus"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ConfiguredDock]:
    if request.param == "fake":
        yield fake_house()
        return
    if request.param == "tus":
        compares_nothing = Lie("OPTIONS", drop=("Tus-Checksum-Algorithm",))
        with LyingTus(compares_nothing, downloads=True) as tus, world(tmp_path, tus) as made:
            yield tus_house(made)
        return
    if request.param == "s3":
        dock = S3Dock(tmp_path, access="AK", secret="SK")  # noqa: S106 (a server of our own believes any)
        with LyingS3() as server:
            yield s3_house(dock, server)
        dock.close()
        return
    spool = FileSpool(tmp_path / "spool", min_free=0)
    yield directory_house(tmp_path, spool, tmp_path / "vault")
    spool.close()


def test_what_was_stored_is_proven(house: ConfiguredDock) -> None:
    clip = acquired_clip(*CONTENT)
    assessment = house.destination.assess(UNLIMITED)
    name = house.destination.store(clip, UNLIMITED)
    receipt = house.destination.prove(clip, UNLIMITED)
    assert (receipt.object, receipt.sha256) == (name, clip.sha256)
    assert receipt.destination == house.destination.name
    assert receipt.method == assessment.method


def test_storing_again_is_success_and_gives_the_same_name(house: ConfiguredDock) -> None:
    clip = acquired_clip(*CONTENT)
    assert house.destination.store(clip, UNLIMITED) == house.destination.store(clip, UNLIMITED)
    assert house.destination.prove(clip, UNLIMITED).sha256 == clip.sha256


def test_storing_again_writes_nothing_for_what_is_there_may_be_the_only_copy(house: ConfiguredDock) -> None:
    clip = acquired_clip(*CONTENT)
    house.destination.store(clip, UNLIMITED)
    before = house.written()
    assert before
    house.destination.store(clip, UNLIMITED)
    assert house.written() == before


def test_a_store_that_was_cut_short_is_completed(house: ConfiguredDock) -> None:
    clip = acquired_clip(*CONTENT)
    house.destination.store(clip, UNLIMITED)
    house.drop(clip, 0)
    house.destination.store(clip, UNLIMITED)
    assert house.destination.prove(clip, UNLIMITED).sha256 == clip.sha256


@pytest.mark.slow
@pytest.mark.few(4)
@pytest.mark.parametrize("number", [0, 1])
def test_other_content_under_the_name_is_a_conflict_and_stays(house: ConfiguredDock, number: int) -> None:
    clip = acquired_clip(*CONTENT)
    house.destination.store(clip, UNLIMITED)
    house.spoil(clip, number)
    if not house.names_objects:
        pytest.skip(
            "the store makes names up: what is spoiled is found by proving, and brought under a new one"
        )
    for _ in range(2):
        with pytest.raises(ObjectConflictError):
            house.destination.store(clip, UNLIMITED)


def test_the_receipt_states_what_was_found_not_what_was_sent(house: ConfiguredDock) -> None:
    clip = acquired_clip(*CONTENT)
    house.destination.store(clip, UNLIMITED)
    house.spoil(clip, 0)
    assert house.destination.prove(clip, UNLIMITED).sha256 == part_of(bytes(len(CONTENT[0]))).sha256


def test_a_sidecar_that_changed_is_told_from_an_outage(house: ConfiguredDock) -> None:
    clip = acquired_clip(*CONTENT)
    house.destination.store(clip, UNLIMITED)
    house.spoil(clip, 1)
    with pytest.raises(ObjectConflictError) as caught:
        house.destination.prove(clip, UNLIMITED)
    assert not caught.value.retryable


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 1])
def test_a_part_that_is_not_there_is_told_from_an_outage(house: ConfiguredDock, number: int) -> None:
    clip = acquired_clip(*CONTENT)
    house.destination.store(clip, UNLIMITED)
    house.drop(clip, number)
    with pytest.raises(DestinationError) as caught:
        house.destination.prove(clip, UNLIMITED)
    assert not caught.value.retryable


def test_a_spool_that_lost_its_copy_is_not_stored(house: ConfiguredDock) -> None:
    clip = acquired_clip(*CONTENT)
    house.spoil_spool(clip)
    with pytest.raises(DurabilityError):
        house.destination.store(clip, UNLIMITED)


def test_a_store_that_cannot_be_reached_says_so_and_what_to_do(house: ConfiguredDock) -> None:
    clip = acquired_clip(*CONTENT)
    house.cut_off()
    calls: tuple[Callable[[], object], ...] = (
        lambda: house.destination.store(clip, UNLIMITED),
        lambda: house.destination.prove(clip, UNLIMITED),
        lambda: house.destination.describe(clip, b"{}", UNLIMITED),
        house.destination.probe,
    )
    for call in calls:
        with pytest.raises(DestinationUnavailableError) as caught:
            call()
        assert caught.value.retryable
        assert caught.value.remedy


@pytest.mark.parametrize("mark", ["another", ""])
def test_another_vault_in_its_place_is_not_used_and_its_own_is_again(
    house: ConfiguredDock, mark: str
) -> None:
    if house.mount_another is None:
        pytest.skip("a server bears no mark")
    clip = acquired_clip(*CONTENT)
    house.destination.store(clip, UNLIMITED)
    files = house.mount_another(mark)
    calls: tuple[Callable[[], object], ...] = (
        lambda: house.destination.store(clip, UNLIMITED),
        lambda: house.destination.prove(clip, UNLIMITED),
        lambda: house.destination.describe(clip, b"{}", UNLIMITED),
        lambda: house.destination.assess(UNLIMITED),
        house.destination.probe,
    )
    for call in calls:
        with pytest.raises(DestinationUnavailableError):
            call()
    assert files() == 0
    house.mount_own()
    assert house.destination.prove(clip, UNLIMITED).sha256 == clip.sha256


def test_a_store_that_keeps_bits_wrong_gives_another_digest() -> None:
    clip, liar = acquired_clip(*CONTENT), FlippingDestination(lambda clip, number: CONTENT[number])
    liar.store(clip, UNLIMITED)
    assert liar.prove(clip, UNLIMITED).sha256 != clip.sha256


def test_a_store_that_drops_what_it_acknowledged_proves_nothing() -> None:
    clip, liar = acquired_clip(*CONTENT), DroppingDestination(lambda clip, number: CONTENT[number])
    liar.store(clip, UNLIMITED)
    with pytest.raises(DestinationError):
        liar.prove(clip, UNLIMITED)


# --- checkpoints ---


def test_a_signed_checkpoint_is_kept_and_replaces_none(house: ConfiguredDock) -> None:
    keeper = house.destination
    if not isinstance(keeper, NoteKeeper):
        pytest.skip("it replaces nothing, so it is given none")
    house.destination.assess(UNLIMITED)
    house.destination.store(acquired_clip(*CONTENT), UNLIMITED)
    names = [keeper.keep_note("bwvdock/LEW-03/00", size, f"note {size}".encode()) for size in (3, 3, 9)]
    assert names[0] == names[1] != names[2], "what is there is not stored twice"
    names.append(keeper.keep_note("bwvdock/LEW-03/00", 5, b"of a disk put back"))
    names.append(keeper.keep_note("bwvdock/LEW-03/00", 9, b"of another journal"))
    names.append(keeper.keep_note("another", 9, b"note 9"))
    kept = [house.note(name) for name in names[1:]]
    assert kept == [b"note 3", b"note 9", b"of a disk put back", b"of another journal", b"note 9"]


def test_a_store_that_is_away_says_so_of_a_checkpoint_too(house: ConfiguredDock) -> None:
    keeper = house.destination
    if not isinstance(keeper, NoteKeeper):
        pytest.skip("it replaces nothing, so it is given none")
    house.cut_off()
    with pytest.raises(DestinationUnavailableError):
        keeper.keep_note("bwvdock/LEW-03/00", 3, b"note")
