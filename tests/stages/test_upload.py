"""What must hold when a clip is brought to a destination?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from bwvdock.core.clips.clip import Clip, apply
from bwvdock.core.clips.lifecycle import ClipState
from bwvdock.core.clips.plan import Target
from bwvdock.delivery.rate_limit import FREE_PASSAGE
from bwvdock.errors import DestinationUnavailableError, DurabilityError, ObjectConflictError
from bwvdock.stages.upload import upload
from tests.fakes.destination import FakeDestination
from tests.fakes.footage import acquired_clip, part_of

CONTENT = (b"footage", b"sidecar")
VAULT = Target(name="vault", required=True)
CLOUD = Target(name="cloud", required=True)
SPARE = Target(name="spare", required=False)


def fetch(clip: Clip, number: int) -> bytes:
    return CONTENT[number]


def test_the_fact_names_the_object_that_now_stands_there() -> None:
    destination = FakeDestination(fetch)
    fact = upload(acquired_clip(*CONTENT), destination, [VAULT], FREE_PASSAGE)
    assert fact.destination == "vault"
    assert destination.objects[fact.object] == CONTENT[0]
    assert sorted(destination.objects.values()) == sorted(CONTENT)
    assert fact.awaiting == ()


def test_required_destinations_that_do_not_hold_it_yet_are_awaited() -> None:
    clip = acquired_clip(*CONTENT)
    first = upload(clip, FakeDestination(fetch, name="vault"), [VAULT, CLOUD, SPARE], FREE_PASSAGE)
    assert first.awaiting == ("cloud",)
    clip = apply(clip, first)
    assert clip.state is ClipState.ACQUIRED
    second = upload(clip, FakeDestination(fetch, name="cloud"), [VAULT, CLOUD, SPARE], FREE_PASSAGE)
    assert second.awaiting == ()
    assert apply(clip, second).state is ClipState.UPLOADED


def test_doing_it_again_changes_nothing() -> None:
    destination, clip = FakeDestination(fetch), acquired_clip(*CONTENT)
    first = upload(clip, destination, [VAULT], FREE_PASSAGE)
    before = dict(destination.objects)
    assert upload(clip, destination, [VAULT], FREE_PASSAGE) == first
    assert destination.objects == before


def test_an_outage_is_no_fact() -> None:
    destination = FakeDestination(fetch)
    destination.reachable = False
    with pytest.raises(DestinationUnavailableError):
        upload(acquired_clip(*CONTENT), destination, [VAULT], FREE_PASSAGE)


def test_other_content_under_the_name_is_no_fact() -> None:
    destination, clip = FakeDestination(fetch), acquired_clip(*CONTENT)
    destination.objects[f"{clip.id}.0"] = b"other"
    with pytest.raises(ObjectConflictError):
        upload(clip, destination, [VAULT], FREE_PASSAGE)
    assert destination.objects[f"{clip.id}.0"] == b"other"


def test_a_spool_that_changed_is_no_fact() -> None:
    clip = acquired_clip(*CONTENT)
    changed = replace(clip, parts=(part_of(b"what was acquired"), clip.parts[1]))
    with pytest.raises(DurabilityError):
        upload(changed, FakeDestination(fetch), [VAULT], FREE_PASSAGE)
