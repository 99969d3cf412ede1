"""What may the desk do without a reader, and what does it see of units whose footage it may not see?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bwvdock.checkout.checkouts import SALT_BYTES
from bwvdock.core.checkout.badges import Holder, badge_proof
from bwvdock.core.checkout.choice import Rules
from bwvdock.core.clips.classes.rules import RetentionClass, RetentionRules
from bwvdock.core.clips.classes.veil import Veil
from bwvdock.core.facts import CameraAssigned, CameraCheckedOut, CameraReturned
from bwvdock.edges.journal import JournalReader
from bwvdock.errors import BwvdockError, UsageError
from bwvdock.operators.checkout.requests import CheckOut, CheckoutRequest, GiveBack, Tap
from bwvdock.operators.messages import Answer, Asked
from bwvdock.service.request_handler import RequestHandler
from tests.checkout.badged import ANN, Badged

DESK = "1000:desk"
SECRET_UNIT = RetentionRules(
    classes=(RetentionClass(name="covert", days=31, restricted=True, units=("Covert",)),)
)


def asked(dock: Badged, request: CheckoutRequest, veil: Veil | None = None) -> Answer:
    """Return what the daemon answers."""
    answers: list[Answer] = []
    file = dock.root / "journal.sqlite3"
    with JournalReader(file) as reader:
        RequestHandler(
            dock=dock.dock,
            journal=dock.journal,
            journal_file=file,
            reader=reader,
            spool=dock.spool,
            live_view=dock.view,
            checkouts=dock.checkouts,
        ).asked(Asked(request, DESK, answers.append, veil))
    [answer] = answers
    return answer


def test_a_camera_is_offered_by_name_and_assigned_once_it_is_taken(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    _, second = dock.put("CAM-0001", "1-1"), dock.put("CAM-0002", "1-2")
    answer: Any = asked(dock, CheckOut(officer="4411", camera="CAM-0002"))
    assert (answer["outcome"], answer["bay"], answer["until_seconds"]) == ("take", "1-2", 60)
    assert dock.officer_of("CAM-0002") == ""
    dock.take(second)
    [fact] = dock.of_kind(CameraCheckedOut)
    assert (fact.by, fact.officer, fact.badge, fact.actor) == ("desk", "4411", "", DESK)
    assert dock.officer_of("CAM-0002") == "4411"


def test_a_badge_at_the_desk_is_as_one_at_the_reader(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    key = dock.put("CAM-0001", "1-1")
    asked(dock, CheckOut(badge=ANN))
    dock.take(key)
    assert dock.officer_of("CAM-0001") == "ann"


def test_one_that_is_handed_in_is_returned_once(tmp_path: Path) -> None:
    dock = Badged(tmp_path)
    key = dock.put("CAM-0001", "1-1")
    asked(dock, Tap(badge=ANN))
    dock.take(key)
    dock.clock.pass_ms(1000)
    answer: Any = asked(dock, GiveBack(serial="CAM-0001"))
    assert answer["recorded"] == ["camera_returned", "camera_assigned"]
    assert dock.officer_of("CAM-0001") == ""
    assert isinstance(asked(dock, GiveBack(serial="CAM-0001")), UsageError)
    dock.put("CAM-0001", "1-1")
    assert [fact.how for fact in dock.of_kind(CameraReturned)] == ["desk"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "order",
    [
        CheckOut(),
        CheckOut(badge=ANN, officer="ann"),
        CheckOut(officer="\n"),
        CheckOut(officer="x" * 201),
        CheckOut(officer="ann", camera="CAM-9999"),
        CheckOut(badge="unknown"),
        GiveBack(serial="CAM-9999"),
        GiveBack(serial=""),
    ],
)
def test_what_cannot_be_done_says_what_to_do(tmp_path: Path, order: CheckoutRequest) -> None:
    dock = Badged(tmp_path)
    dock.put("CAM-0001", "1-1")
    answer = asked(dock, order)
    assert isinstance(answer, BwvdockError)
    assert dock.offered() == []


def test_a_restricted_units_camera_is_its_units_alone_and_hidden_from_a_desk_that_may_not_see_it(
    tmp_path: Path,
) -> None:
    holders = [("1", Holder(officer="ann", unit="Covert")), ("2", Holder(officer="bob", unit="North"))]
    dock = Badged(tmp_path, holders=holders, retention=SECRET_UNIT, rules=Rules(other_units=True))
    key = dock.put("CAM-0001", "1-1", unit="Covert")
    assert dock.tap("2")["outcome"] == "none-suitable"
    hidden = Veil(closed=("covert",))
    for order in (CheckOut(officer="ann"), CheckOut(officer="ann", camera="CAM-0001")):
        assert isinstance(asked(dock, order, hidden), UsageError)
    assert dock.tap("1")["outcome"] == "take"
    dock.take(key)
    [told] = dock.of_kind(CameraAssigned)
    assert (told.officer, told.unit) == ("ann", "Covert")
    assert isinstance(asked(dock, GiveBack(serial="CAM-0001"), hidden), UsageError)
    assert isinstance(asked(dock, GiveBack(serial="CAM-0001")), dict)


def test_the_badge_in_an_entry_can_be_compared_until_its_officer_is_erased(tmp_path: Path) -> None:
    dock = Badged(tmp_path, random=lambda count: b"s" * count)
    key = dock.put("CAM-0001", "1-1")
    asked(dock, Tap(badge=ANN))
    dock.take(key)
    [fact] = dock.of_kind(CameraCheckedOut)
    assert fact.badge == badge_proof(ANN, "ann", b"s" * SALT_BYTES)
    assert fact.badge != badge_proof("12345678", "ann", b"s" * SALT_BYTES)
    with JournalReader(tmp_path / "journal.sqlite3") as reader:
        found = {field for field, _ in reader.values_saying("officer", "ann", "").found}
    assert {"officer", "badge"} <= found
