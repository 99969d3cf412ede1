"""Does a target get every message, or the number of those that were given up, whatever fails and restarts?"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.errors import DestinationRefusedError, DestinationUnavailableError
from bwvdock.log import Events
from bwvdock.notify.outbox import FOLDER, MOST_MESSAGES
from bwvdock.notify.target import FAILURES, MOST_REFUSALS
from tests.notify.targets import NAME, Place, told
from tests.places import in_memory

AWAY = DestinationUnavailableError("It is away.", remedy="Wait")
REFUSED = DestinationRefusedError("It does not want this one.", remedy="See its log")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_message_that_is_not_taken_is_sent_again_with_the_same_id_after_a_wait(place: Place) -> None:
    place.receiver.fails = [AWAY, AWAY]
    place.look("CAM-1")
    assert place.receiver.taken == []
    place.look("CAM-1", after=0)
    assert len(place.receiver.fails) == 1  # not before the wait is over
    for _ in range(2):
        place.look("CAM-1", after=600)
    assert [message.id for message in place.receiver.taken] == ["msg1"]


def test_a_restart_loses_neither_what_waits_nor_what_was_told(place: Place) -> None:
    place.receiver.always = AWAY
    place.look("CAM-1")
    place.receiver.always = None
    place.started()
    place.look("CAM-1", "CAM-2")
    place.started()
    place.look("CAM-2")
    assert told(place.receiver.taken) == [("raised", "CAM-1"), ("raised", "CAM-2"), ("cleared", "CAM-1")]


def test_a_message_whose_answer_is_lost_comes_again_under_its_id(place: Place) -> None:
    place.receiver.lost_answers = 1
    place.look("CAM-1")
    place.started()
    place.look("CAM-1")
    assert [message.id for message in place.receiver.taken] == ["msg1", "msg1"]
    assert [type(error) for error in place.unexpected] == [TimeoutError]


@pytest.mark.slow
def test_too_many_messages_cost_the_oldest_and_the_next_says_how_many(place: Place) -> None:
    place.receiver.always = AWAY
    for number in range(MOST_MESSAGES + 3):
        place.look(*(f"CAM-{n}" for n in range(number + 1)), after=61)
    assert place.events().count(Events.NOTIFY_DROPPED) == 3
    place.receiver.always = None
    place.started().deliver()
    assert len(place.receiver.taken) == MOST_MESSAGES
    assert [message.dropped for message in place.receiver.taken[:2]] == [3, 0]
    assert told(place.receiver.taken)[0] == ("raised", "CAM-3")


def test_a_message_that_is_refused_again_and_again_is_given_up_so_that_the_next_gets_through(
    place: Place,
) -> None:
    place.receiver.always = REFUSED
    place.look("CAM-1")
    for _ in range(MOST_REFUSALS - 1):
        assert place.target.waiting == 1
        place.started()  # the count is kept
        place.look("CAM-1", after=600)
    assert place.target.waiting == 0
    place.receiver.always = None
    place.look("CAM-1", "CAM-2", after=600)
    assert told(place.receiver.taken) == [("raised", "CAM-2")]
    assert place.receiver.taken[0].dropped == 1


def test_a_target_that_fails_is_known_to_fail_until_it_takes_a_message(place: Place) -> None:
    place.receiver.always = AWAY
    seen = []
    for _ in range(FAILURES):
        place.look("CAM-1", after=600)
        seen.append(place.target.failing)
    assert seen == [None] * (FAILURES - 1) + [AWAY]
    assert place.events() == [Events.NOTIFY_FAILED]
    place.receiver.always = None
    place.look("CAM-1", after=600)
    assert place.target.failing is None
    assert place.events()[1:] == [Events.NOTIFY_BACK, Events.NOTIFIED]


def test_where_the_disk_takes_nothing_messages_are_sent_all_the_same(place: Place) -> None:
    (place.folder / FOLDER).write_text("no folder")
    place.look("CAM-1")
    place.look("CAM-1", "CAM-2")
    assert told(place.receiver.taken) == [("raised", "CAM-1"), ("raised", "CAM-2")]
    assert place.events().count(Events.NOTIFY_NOT_KEPT) == 1
    os.unlink(place.folder / FOLDER)
    place.look("CAM-1", "CAM-2")
    place.started()
    place.look("CAM-1", "CAM-2")
    assert len(place.receiver.taken) == 2  # it is kept again


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"state": 1}', b"\xff", b"[" * 100_000])
def test_a_file_that_is_damaged_costs_no_alert(place: Place, content: bytes) -> None:
    place.look("CAM-1")
    (place.folder / FOLDER / f"{NAME}.json").write_bytes(content)
    place.started()
    place.look("CAM-1")
    assert told(place.receiver.taken) == [("raised", "CAM-1"), ("raised", "CAM-1")]
    assert Events.NOTIFY_NOT_KEPT in place.events()


def test_nothing_is_written_while_nothing_changes(place: Place) -> None:
    place.look("CAM-1")
    before = os.stat(place.folder / FOLDER / f"{NAME}.json").st_ino
    for _ in range(10):
        place.look("CAM-1", after=20)
    assert os.stat(place.folder / FOLDER / f"{NAME}.json").st_ino == before


CAMERAS = st.sets(st.sampled_from(["CAM-1", "CAM-2", "CAM-3"]))
STEPS = st.lists(
    st.tuples(
        CAMERAS,
        st.sampled_from([20, 61, 600, 3601]),
        st.sampled_from(["works", "away", "lost"]),
        st.booleans(),
    ),
    min_size=5,
    max_size=40,
)


@pytest.mark.slow
@given(steps=STEPS)
def test_what_arrives_is_what_was_told_in_its_order(steps: list[tuple[set[str], int, str, bool]]) -> None:
    with TemporaryDirectory(dir=in_memory()) as folder:
        place = Place(Path(folder))
        for cameras, seconds, receiver, restarts in steps:
            place.receiver.always = AWAY if receiver == "away" else None
            place.receiver.lost_answers = int(receiver == "lost")
            if restarts:
                place.started()
            place.look(*sorted(cameras), after=seconds)
        place.receiver.always, place.receiver.lost_answers = None, 0
        for _ in range(3):
            place.look(after=601)
        once = list({message.id: message for message in place.receiver.taken}.values())
        assert [message.id for message in once] == [f"msg{n}" for n in range(1, len(once) + 1)]
        for camera in ("CAM-1", "CAM-2", "CAM-3"):
            said = [what for what, subject in told(once) if subject == camera]
            spans = "".join(what[2] for what in said).replace("p", "")  # raised: i, cleared: e, repeated: p
            assert spans == "ie" * (len(spans) // 2)
