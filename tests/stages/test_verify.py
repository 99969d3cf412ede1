"""What must hold before a destination's copy is called proven?"""

from __future__ import annotations

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.clips.history import apply
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.facts import ClipQuarantined, ClipVerified
from bwvdock.errors import DestinationUnavailableError
from bwvdock.stages.upload import upload
from bwvdock.stages.verify import verify
from tests.fakes.destination import DroppingDestination, FakeDestination, FlippingDestination
from tests.fakes.footage import acquired_clip
from tests.fakes.transfer import UNLIMITED

CONTENT = (b"footage", b"sidecar")


def fetch(clip: Clip, number: int) -> bytes:
    return CONTENT[number]


def uploaded(destination: FakeDestination) -> Clip:
    clip = acquired_clip(*CONTENT)
    return apply(clip, upload(clip, destination, UNLIMITED))


def test_a_copy_with_the_digest_taken_at_ingest_is_verified() -> None:
    destination = FakeDestination(fetch)
    clip = uploaded(destination)
    fact = verify(clip, destination, UNLIMITED)
    assert isinstance(fact, ClipVerified)
    assert (fact.sha256, fact.destination, fact.method) == (clip.sha256, "vault", "read-back")
    assert fact.object in destination.objects
    assert apply(clip, fact).state is ClipState.VERIFIED


def test_a_store_that_kept_a_bit_wrong_sends_the_clip_to_quarantine() -> None:
    destination = FlippingDestination(fetch)
    clip = uploaded(destination)
    fact = verify(clip, destination, UNLIMITED)
    assert isinstance(fact, ClipQuarantined)
    assert clip.sha256 in fact.reason
    assert "vault" in fact.reason
    assert apply(clip, fact).state is ClipState.QUARANTINED


def test_a_store_that_acknowledged_and_dropped_it_does_so_too() -> None:
    destination = DroppingDestination(fetch)
    fact = verify(uploaded(destination), destination, UNLIMITED)
    assert isinstance(fact, ClipQuarantined)


def test_a_sidecar_that_changed_there_does_so_too() -> None:
    destination = FakeDestination(fetch)
    clip = uploaded(destination)
    destination.objects[f"{clip.id}.1"] = b"changed"
    assert isinstance(verify(clip, destination, UNLIMITED), ClipQuarantined)


def test_an_outage_says_nothing_about_the_copy() -> None:
    destination = FakeDestination(fetch)
    clip = uploaded(destination)
    destination.reachable = False
    with pytest.raises(DestinationUnavailableError):
        verify(clip, destination, UNLIMITED)
