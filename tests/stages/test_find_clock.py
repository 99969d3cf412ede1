"""Is the file found and read that tells a camera's clock?"""

from __future__ import annotations

from dataclasses import replace

from bwvdock.core.media.clock_file import ClockRule, ClockTold
from bwvdock.core.media.fields import FieldFormat
from bwvdock.core.media.profile import Profile
from bwvdock.stages.find import Finding, find
from tests.fakes.camera import FakeFile, FakeVolume

NOON_NS = 1_773_489_600 * 10**9
MINUTE_NS = 60 * 10**9
FOOTAGE = FakeFile(data=b"footage", mtime_ns=NOON_NS - 90 * MINUTE_NS)
CLOCK = ClockRule(file="LOG/*.TXT", key="plugged=(.+)", format=FieldFormat.REGEX)
DCF = Profile(name="dcf", contains=("DCIM/**",), clock=CLOCK)


def found(volume: FakeVolume, profile: Profile = DCF) -> Finding:
    return find(
        volume, profiles=[profile], usb="", camera="c", docking="d", held=lambda _: {}, new_id=lambda: "1"
    )


def clock_of(volume: FakeVolume, profile: Profile = DCF) -> ClockTold | None:
    return found(volume, profile).clock


def camera(**logs: FakeFile) -> FakeVolume:
    files = {"DCIM/100X/A.MP4": FOOTAGE} | {f"LOG/{name}.TXT": file for name, file in logs.items()}
    return FakeVolume(name="lun0", files=files)


def log(text: bytes, mtime_ns: int = NOON_NS) -> FakeFile:
    return FakeFile(data=text, mtime_ns=mtime_ns)


def test_the_file_that_the_profile_names_tells_the_clock() -> None:
    told = clock_of(camera(USB=log(b"plugged=2026-03-14T12:00:00\n")))
    assert told is not None
    assert (told.shown_ns, told.raw) == (NOON_NS, "2026-03-14T12:00:00")


def test_of_several_the_last_counts_and_the_others_do_not_speak_against_it() -> None:
    older = log(b"plugged=2026-03-13T12:00:00\n", NOON_NS - 24 * 60 * MINUTE_NS)
    told = clock_of(camera(B=log(b"plugged=2026-03-14T12:00:00\n"), C=older, A=older))
    assert told is not None
    assert told.shown_ns == NOON_NS


def test_a_profile_that_names_none_and_a_camera_that_has_none_tell_nothing() -> None:
    assert clock_of(camera(USB=log(b"plugged=2026-03-14T12:00:00\n")), replace(DCF, clock=None)) is None
    assert clock_of(camera()) is None


def test_footage_that_is_newer_speaks_against_it() -> None:
    volume = camera(USB=log(b"", NOON_NS - 120 * MINUTE_NS))
    told = clock_of(volume, replace(DCF, clock=ClockRule(file="LOG/USB.TXT")))
    assert told is not None
    assert told.shown_ns is None


def test_a_file_that_cannot_be_read_costs_no_clip() -> None:
    finding = found(camera(USB=FakeFile(data=b"plugged=2026-03-14T12:00:00\n", mtime_ns=NOON_NS, bad_at=0)))
    assert (finding.clock, len(finding.found)) == (None, 1)


def test_it_is_no_file_of_no_known_kind() -> None:
    """Which are alerts: a clip that lost its extension is one."""
    volume = FakeVolume(files={"DCIM/100X/A.MP4": FOOTAGE, "DCIM/CLOCK.DAT": log(b"tick")})
    assert found(volume, replace(DCF, clock=None)).listed.unknown == 1
    assert found(volume, replace(DCF, clock=ClockRule(file="DCIM/CLOCK.DAT"))).listed.unknown == 0
