"""What must hold when a clip is brought to a destination?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.errors import DestinationUnavailableError, DurabilityError, ObjectConflictError
from bwvdock.stages.upload import upload
from tests.fakes.destination import FakeDestination
from tests.fakes.footage import acquired_clip, part_of
from tests.fakes.transfer import UNLIMITED

CONTENT = (b"footage", b"sidecar")


def fetch(clip: Clip, number: int) -> bytes:
    return CONTENT[number]


def test_the_fact_names_the_object_that_now_stands_there() -> None:
    destination = FakeDestination(fetch)
    fact = upload(acquired_clip(*CONTENT), destination, UNLIMITED)
    assert fact.destination == "vault"
    assert destination.objects[fact.object] == CONTENT[0]
    assert sorted(destination.objects.values()) == sorted(CONTENT)


def test_doing_it_again_changes_nothing() -> None:
    destination, clip = FakeDestination(fetch), acquired_clip(*CONTENT)
    first = upload(clip, destination, UNLIMITED)
    before = dict(destination.objects)
    assert upload(clip, destination, UNLIMITED) == first
    assert destination.objects == before


def test_an_outage_is_no_fact() -> None:
    destination = FakeDestination(fetch)
    destination.reachable = False
    with pytest.raises(DestinationUnavailableError):
        upload(acquired_clip(*CONTENT), destination, UNLIMITED)


def test_other_content_under_the_name_is_no_fact() -> None:
    destination, clip = FakeDestination(fetch), acquired_clip(*CONTENT)
    destination.objects[f"{clip.id}.0"] = b"other"
    with pytest.raises(ObjectConflictError):
        upload(clip, destination, UNLIMITED)
    assert destination.objects[f"{clip.id}.0"] == b"other"


def test_a_spool_that_changed_is_no_fact() -> None:
    clip = acquired_clip(*CONTENT)
    changed = replace(clip, parts=(part_of(b"what was acquired"), clip.parts[1]))
    with pytest.raises(DurabilityError):
        upload(changed, FakeDestination(fetch), UNLIMITED)
