"""Does every store say what it really has when it is asked again, and give it back?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import VerificationFailed, VerifiedAgain
from bwvdock.core.media.part_names import part_name
from bwvdock.core.ports import FoundPart, ReadableStore, Take, TransferControl
from bwvdock.edges.spool import FileSpool
from bwvdock.errors import DestinationUnavailableError, NotComparableError, ObjectConflictError
from bwvdock.stages.ask_again import ask_again
from bwvdock.stages.retrieve import retrieve
from tests.contracts.test_destination import CONTENT, ConfiguredDock, fake_house, house
from tests.fakes.destination import FakeDestination
from tests.fakes.footage import acquired_clip
from tests.fakes.transfer import UNLIMITED

__all__ = ["house"]


def stored(house: ConfiguredDock) -> tuple[Clip, ReadableStore]:
    """Store a clip, prove it, and return it as the journal has it then."""
    store, clip = cast("ReadableStore", house.destination), acquired_clip(*CONTENT)
    name = store.store(clip, UNLIMITED)
    receipt = store.prove(clip, UNLIMITED)
    return replace(clip, uploaded={store.name: name}, receipts={store.name: receipt}), store


def asked(clip: Clip, store: ReadableStore) -> VerifiedAgain | VerificationFailed:
    return ask_again(clip, store, UNLIMITED, required=True)


def test_what_is_there_is_read_whole(house: ConfiguredDock) -> None:
    clip, store = stored(house)
    found = asked(clip, store)
    assert isinstance(found, VerifiedAgain)
    assert (found.method, found.sha256, found.scheduled) == ("read-back", clip.sha256, True)
    assert (found.object, found.destination) == (clip.uploaded[store.name], store.name)


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("finding", ["missing", "changed"])
def test_what_is_lost_or_changed_is_found(house: ConfiguredDock, number: int, finding: str) -> None:
    clip, store = stored(house)
    (house.drop if finding == "missing" else house.spoil)(clip, number)
    found = asked(clip, store)
    assert isinstance(found, VerificationFailed)
    assert (found.finding, found.required) == (finding, True)
    assert part_name(clip, number) in found.words


def test_a_store_that_cannot_be_reached_shows_nothing(house: ConfiguredDock) -> None:
    clip, store = stored(house)
    house.cut_off()
    with pytest.raises(DestinationUnavailableError):
        asked(clip, store)


@pytest.mark.parametrize("mark", ["another", ""])
def test_another_vault_in_its_place_shows_nothing(house: ConfiguredDock, mark: str) -> None:
    if house.mount_another is None:
        pytest.skip("a server bears no mark")
    clip, store = stored(house)
    house.mount_another(mark)
    with pytest.raises(DestinationUnavailableError):
        asked(clip, store)


@pytest.mark.slow
def test_a_clip_comes_back_into_a_spool_as_it_was_taken(house: ConfiguredDock, tmp_path: Path) -> None:
    clip, store = stored(house)
    spool = FileSpool(tmp_path / "another", min_free=0)
    assert retrieve(clip, store, spool, UNLIMITED).sha256 == clip.sha256
    spool.check(clip)
    there = {path.name: path.read_bytes() for path in (tmp_path / "another").iterdir()}
    assert there == {part_name(clip, number): content for number, content in enumerate(CONTENT)}
    spool.close()


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("fault", ["drop", "spoil"])
def test_nothing_comes_from_a_copy_that_is_not_what_was_taken(
    house: ConfiguredDock, tmp_path: Path, number: int, fault: str
) -> None:
    clip, store = stored(house)
    getattr(house, fault)(clip, number)
    spool = FileSpool(tmp_path / "another", min_free=0)
    with pytest.raises(ObjectConflictError):
        retrieve(clip, store, spool, UNLIMITED)
    assert spool.is_empty()
    spool.close()


class Mute(FakeDestination):
    """Gives nothing back."""

    def read_part(self, clip: Clip, number: int, transfer: TransferControl, take: Take) -> FoundPart | None:
        def ignore(_: memoryview) -> None:
            pass

        found = super().read_part(clip, number, transfer, ignore)
        return found and replace(found, given=False)


def test_where_nothing_is_given_back_nothing_is_claimed() -> None:
    mute = Mute(lambda clip, number: CONTENT[number])
    clip, store = stored(replace(fake_house(), destination=mute))
    with pytest.raises(NotComparableError):
        asked(clip, store)
    mute.objects[f"{clip.id}.0"] = b"short"
    assert isinstance(asked(clip, store), VerificationFailed)


def test_of_a_store_that_is_not_well_no_loss_is_believed() -> None:
    clip, _ = stored(fake_house())

    def fails() -> None:
        raise DestinationUnavailableError("it is being moved", remedy="Wait")

    class Moving(FakeDestination):
        """Answers for single objects, and is not well."""

        probe: Callable[[], None] = staticmethod(fails)

    moving = Moving(lambda clip, number: CONTENT[number])
    with pytest.raises(DestinationUnavailableError):
        asked(clip, cast("ReadableStore", moving))
