"""Does each order become the facts that it means, and nothing that it does not?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import (
    CameraAttached,
    CameraEnrolled,
    CameraRevoked,
    ClipFound,
    ClipQuarantined,
    ClipRecalled,
    ClipRetried,
    DeliveryRefused,
    DeliveryResumed,
    DockPaused,
    DockResumed,
    Fact,
    FootageConsulted,
    FootageExported,
    SourceFile,
)
from bwvdock.core.media.sightings import Transport
from bwvdock.edges.journal import Journal, JournalReader, open_journal
from bwvdock.errors import DurabilityError, UsageError
from bwvdock.operators.orders import Order, decide
from bwvdock.operators.requests import Consult, Enrol, Exported, Pause, Resume, Retry, Revoke
from tests.cli.docks import QUARANTINED, VERIFIED, used_dock
from tests.fakes.clock import FakeClock

ACTOR = "1000:ann"


class WholeSpool:
    def check(self, clip: Clip) -> None:
        assert clip.parts


class TornSpool:
    def check(self, clip: Clip) -> None:
        raise DurabilityError("torn")


@dataclass
class ConfiguredDock:
    """A real journal with its reader; orders are decided and recorded as the daemon does it."""

    journal: Journal
    reader: JournalReader
    spool: WholeSpool | TornSpool = field(default_factory=WholeSpool)
    paused: bool = False
    parked: frozenset[str] = frozenset()

    def give(self, order: Order) -> tuple[Fact, ...]:
        decision = decide(
            order,
            journal=self.journal,
            reader=self.reader,
            spool=self.spool,
            paused=self.paused,
            actor=ACTOR,
            parked=self.parked.__contains__,
        )
        assert decision.message
        self.journal.append(decision.facts)
        return decision.facts


@pytest.fixture
def house(tmp_path: Path) -> Iterator[ConfiguredDock]:
    path = used_dock(tmp_path).config.journal
    with open_journal(path, FakeClock()) as journal, JournalReader(path) as reader:
        yield ConfiguredDock(journal, reader)


def test_pausing_twice_is_pausing_once(house: ConfiguredDock) -> None:
    assert house.give(Pause()) == (DockPaused(actor=ACTOR),)
    house.paused = True
    assert house.give(Pause()) == ()
    assert house.give(Resume()) == (DockResumed(actor=ACTOR),)
    house.paused = False
    assert house.give(Resume()) == ()


def test_enrolling_twice_is_enrolling_once(house: ConfiguredDock) -> None:
    enrolled = CameraEnrolled(camera="CAM-99", model="Fox", actor=ACTOR)
    assert house.give(Enrol(serial="CAM-99", model="Fox")) == (enrolled,)
    assert house.give(Enrol(serial="CAM-99", model="Fox")) == ()
    assert house.give(Enrol(serial=" CAM-99 ")) == ()
    assert house.journal.enrolment("CAM-99").enrolled


def test_enrolling_with_another_model_corrects_it(house: ConfiguredDock) -> None:
    house.give(Enrol(serial="CAM-99", model="Fxo"))
    house.give(Enrol(serial="CAM-99", model="Fox"))
    assert house.journal.enrolment("CAM-99").model == "Fox"


@pytest.mark.few(3)
@pytest.mark.parametrize(
    "serial", ["0123456789ABCDEF", "0000", "1", "", "  ", "CAM\x1b[2J", "x" * 300, "\udcff1234"]
)
def test_what_is_no_serial_of_its_own_is_not_enrolled(house: ConfiguredDock, serial: str) -> None:
    before = house.journal.size()
    with pytest.raises(UsageError) as caught:
        house.give(Enrol(serial=serial))
    assert caught.value.message.isprintable()
    assert caught.value.remedy
    assert house.journal.size() == before


def test_revoking(house: ConfiguredDock) -> None:
    revoked = CameraRevoked(camera="CAM-17", reason="lost", actor=ACTOR)
    assert house.give(Revoke(serial="CAM-17", reason="lost")) == (revoked,)
    assert house.give(Revoke(serial="CAM-17", reason="lost again")) == ()
    assert house.journal.enrolment("CAM-17").revoked == "lost"


def test_a_revoked_camera_can_be_enrolled_again(house: ConfiguredDock) -> None:
    house.give(Revoke(serial="CAM-17", reason="lost"))
    assert house.give(Enrol(serial="CAM-17")) == (CameraEnrolled(camera="CAM-17", model="Fox", actor=ACTOR),)
    assert house.journal.enrolment("CAM-17").enrolled


def test_a_camera_that_was_only_docked_can_be_revoked(house: ConfiguredDock) -> None:
    house.journal.append(
        [
            CameraAttached(
                docking="01hq00000000000dk9", camera="CAM-55", bay="1-2", transport=Transport.MASS_STORAGE
            )
        ]
    )
    assert house.give(Revoke(serial="CAM-55", reason="not ours"))


def test_a_camera_that_nobody_knows_cannot_be_revoked(house: ConfiguredDock) -> None:
    with pytest.raises(UsageError, match="CAM-71") as caught:
        house.give(Revoke(serial="CAM-71", reason="lost"))
    assert "cameras list" in caught.value.remedy


def test_a_reason_is_needed(house: ConfiguredDock) -> None:
    with pytest.raises(UsageError, match="reason"):
        house.give(Revoke(serial="CAM-17", reason=" "))


def test_a_clip_whose_copy_is_whole_is_served_again(house: ConfiguredDock) -> None:
    assert house.give(Retry(clip=QUARANTINED)) == (ClipRetried(clip=QUARANTINED, actor=ACTOR),)


def test_a_clip_whose_copy_is_torn_is_copied_again(house: ConfiguredDock) -> None:
    house.spool = TornSpool()
    assert house.give(Retry(clip=QUARANTINED)) == (ClipRecalled(clip=QUARANTINED, actor=ACTOR),)


def test_a_clip_that_was_never_acquired_is_copied_again(house: ConfiguredDock) -> None:
    clip = "01hq00000000000009"
    file = SourceFile(path="A.MP4", size=1, mtime_ns=1, fingerprint="")
    house.journal.append(
        [
            ClipFound(clip=clip, docking="01hq00000000000dk1", camera="CAM-17", files=(file,)),
            ClipQuarantined(clip=clip, reason="odd"),
        ]
    )
    assert house.give(Retry(clip=clip)) == (ClipRecalled(clip=clip, actor=ACTOR),)


@pytest.mark.parametrize("clip", [VERIFIED, "01hq", "zz", ""])
def test_only_a_clip_in_quarantine_is_retried(house: ConfiguredDock, clip: str) -> None:
    with pytest.raises(UsageError) as caught:
        house.give(Retry(clip=clip))
    assert caught.value.remedy


def test_a_clip_that_a_destination_refused_is_offered_there_again_once(house: ConfiguredDock) -> None:
    house.journal.append([DeliveryRefused(clip=VERIFIED, destination="county", reason="too large")])
    assert house.give(Retry(clip=VERIFIED)) == (DeliveryResumed(clip=VERIFIED, actor=ACTOR),)
    with pytest.raises(UsageError, match="nothing to retry"):
        house.give(Retry(clip=VERIFIED))


def test_a_clip_that_is_parked_is_tried_again_without_being_read(house: ConfiguredDock) -> None:
    house.parked, house.spool = frozenset({VERIFIED}), TornSpool()
    assert house.give(Retry(clip=VERIFIED)) == (DeliveryResumed(clip=VERIFIED, actor=ACTOR),)


def test_what_is_in_quarantine_is_led_out_of_it_whoever_refused_it(house: ConfiguredDock) -> None:
    house.parked = frozenset({QUARANTINED})
    assert house.give(Retry(clip=QUARANTINED)) == (ClipRetried(clip=QUARANTINED, actor=ACTOR),)


def test_a_consultation_names_its_clips_by_their_whole_ids(house: ConfiguredDock) -> None:
    order = Consult(command="clips show", subject=VERIFIED, reason="disclosure", clips=(VERIFIED[:18],))
    [fact] = house.give(order)
    assert isinstance(fact, FootageConsulted)
    assert (fact.clips, fact.subject, fact.actor) == ((VERIFIED,), VERIFIED, ACTOR)
    with pytest.raises(UsageError, match="no clip"):
        house.give(Consult(command="clips show", subject="x", reason="r", clips=("nothing",)))


def test_an_export_is_an_entry_with_its_clips_and_the_digest_of_its_package(house: ConfiguredDock) -> None:
    digest = "ab" * 32
    [fact] = house.give(Exported(clips=(VERIFIED, QUARANTINED), tagmanifest_sha256=digest, reason=" CPS "))
    assert fact == FootageExported(
        clips=(VERIFIED, QUARANTINED), tagmanifest_sha256=digest, reason="CPS", actor=ACTOR
    )
    story = house.reader.story(QUARANTINED)
    assert story is not None
    assert [entry.kind for entry in story.events] == ["footage_exported"]


@pytest.mark.parametrize(
    "clips,digest,reason",
    [
        ((), "ab" * 32, "CPS"),
        ((VERIFIED,), "AB" * 32, "CPS"),
        ((VERIFIED,), "", "CPS"),
        ((VERIFIED,), "ab" * 32, " "),
        (("nothing",), "ab" * 32, "CPS"),
    ],
)
def test_what_is_no_export_is_not_recorded(
    house: ConfiguredDock, clips: tuple[str, ...], digest: str, reason: str
) -> None:
    before = house.journal.size()
    with pytest.raises(UsageError):
        house.give(Exported(clips=clips, tagmanifest_sha256=digest, reason=reason))
    assert house.journal.size() == before
