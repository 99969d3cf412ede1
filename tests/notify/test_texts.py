"""Does a mail say what is wrong, gravest first, in words that can do no harm?"""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.visible_text import is_unseen
from bwvdock.notify.texts import subject_of, text_of
from bwvdock.notify.values import Message, Notice, What, document
from bwvdock.status.alerts import Severity

LONDON = ZoneInfo("Europe/London")
PAUSED = Notice(
    what=What.RAISED,
    code="paused",
    subject="",
    severity=Severity.WARNING,
    message="The dock is paused.",
    remedy="bwvdock resume",
    since="2026-07-14T10:14:00.000Z",
)
FAILED = replace(
    PAUSED,
    code="camera-failed",
    subject="CAM-17",
    severity=Severity.ERROR,
    message="Camera CAM-17 failed.",
    remedy="Dock it again",
)
MESSAGE = Message(
    id="msg1",
    at="2026-07-14T10:15:00.000Z",
    dock="LEW-03",
    site="Lewisham",
    notices=(PAUSED, FAILED),
    dropped=2,
)


def test_the_subject_has_the_gravest_and_how_many_more() -> None:
    assert subject_of(MESSAGE) == "[LEW-03] ERROR: camera-failed (CAM-17) and 1 more alert"
    over = replace(MESSAGE, notices=(replace(FAILED, what=What.CLEARED),))
    assert subject_of(over) == "[LEW-03] over: camera-failed (CAM-17)"


def test_the_text_has_each_alert_with_its_remedy_in_the_docks_time() -> None:
    assert text_of(MESSAGE, LONDON) == (
        "Dock LEW-03, Lewisham, 2026-07-14 11:15:00+01:00\n"
        "2 earlier messages were given up: they could not be delivered.\n"
        "\nERROR camera-failed (CAM-17)\nsince 2026-07-14 11:14:00+01:00\nCamera CAM-17 failed.\n"
        "What to do: Dock it again\n"
        "\nWARNING paused\nsince 2026-07-14 11:14:00+01:00\nThe dock is paused.\nWhat to do: bwvdock resume\n"
        "\nTo see the present state, on the dock: bwvdock status. This message is msg1.\n"
    )


ANY = st.text(max_size=300)


@given(said=ANY, about=ANY, remedy=ANY, site=ANY)
def test_hostile_words_are_visible_and_short(said: str, about: str, remedy: str, site: str) -> None:
    notice = replace(FAILED, message=said, subject=about, remedy=remedy)
    message = replace(MESSAGE, site=site, notices=(notice,))
    subject = subject_of(message)
    assert len(subject) <= 120
    assert not any(map(is_unseen, subject))
    assert not any(is_unseen(character) for character in text_of(message, LONDON) if character != "\n")


def test_the_document_for_programs_has_all_of_it() -> None:
    assert document(MESSAGE) == {
        "id": "msg1",
        "type": "dock.alerts",
        "timestamp": "2026-07-14T10:15:00.000Z",
        "data": {
            "dock": "LEW-03",
            "site": "Lewisham",
            "dropped": 2,
            "alerts": [
                {
                    "event": "raised",
                    "code": "paused",
                    "subject": "",
                    "severity": "warning",
                    "message": "The dock is paused.",
                    "remedy": "bwvdock resume",
                    "since": "2026-07-14T10:14:00.000Z",
                },
                {
                    "event": "raised",
                    "code": "camera-failed",
                    "subject": "CAM-17",
                    "severity": "error",
                    "message": "Camera CAM-17 failed.",
                    "remedy": "Dock it again",
                    "since": "2026-07-14T10:14:00.000Z",
                },
            ],
        },
    }
