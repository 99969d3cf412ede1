"""What is said of a clip's custody document once it lies beside the clip, and what if it cannot?"""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from bwvdock.core.clips.clip import Clip
from bwvdock.core.custody.document import CustodyDocument
from bwvdock.core.ports import TransferControl
from bwvdock.errors import (
    BwvdockError,
    DestinationError,
    DestinationRefusedError,
    DestinationUnavailableError,
    DurabilityError,
)
from bwvdock.stages.describe import describe
from tests.fakes.destination import FakeDestination
from tests.fakes.footage import found_clip
from tests.fakes.transfer import UNLIMITED

DOCUMENT = CustodyDocument(text=b'{"what":"a document"}', revision=3)


def fetch(clip: Clip, number: int) -> bytes:
    raise AssertionError("a document needs nothing of the spool")


def test_the_fact_says_which_bytes_lie_where_and_of_which_revision() -> None:
    destination, clip = FakeDestination(fetch), replace(found_clip(1, [("a.mp4", 7)]), revision=3)
    fact = describe(clip, destination, DOCUMENT, UNLIMITED)
    assert (fact.clip, fact.destination, fact.revision) == (clip.id, "vault", 3)
    assert destination.documents[fact.object] == DOCUMENT.text
    assert fact.sha256 == hashlib.sha256(DOCUMENT.text).hexdigest()


def test_a_newer_document_takes_the_place_of_the_one_before() -> None:
    destination, clip = FakeDestination(fetch), found_clip(1, [("a.mp4", 7)])
    describe(clip, destination, DOCUMENT, UNLIMITED)
    newer = CustodyDocument(text=b"{}", revision=4)
    fact = describe(clip, destination, newer, UNLIMITED)
    assert destination.documents == {fact.object: b"{}"}


class FailingDestination(FakeDestination):
    """Takes no document, and says why."""

    def __init__(self, error: BwvdockError) -> None:
        super().__init__(fetch)
        self._error = error

    def describe(self, clip: Clip, document: bytes, transfer: TransferControl) -> str:
        raise self._error


@pytest.mark.parametrize(
    "raised,passed_on",
    [
        (DestinationUnavailableError("away", remedy="wait"), DestinationUnavailableError),
        (DestinationRefusedError("no documents here", remedy="allow them"), DestinationRefusedError),
        (DestinationError("a bad sector", remedy="look at its disk"), DestinationUnavailableError),
        (DurabilityError("not kept", remedy="look at its disk"), DestinationUnavailableError),
    ],
    ids=["away", "refused", "broken", "not kept"],
)
def test_a_document_that_cannot_be_laid_casts_no_doubt_on_the_clip(
    raised: BwvdockError, passed_on: type[DestinationError]
) -> None:
    with pytest.raises(DestinationError) as caught:
        describe(found_clip(1, [("a.mp4", 7)]), FailingDestination(raised), DOCUMENT, UNLIMITED)
    assert type(caught.value) is passed_on
    assert (caught.value.message, caught.value.remedy) == (raised.message, raised.remedy)
