"""Is each alert reported when it begins and when it ends, and no more often than somebody can read?"""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bwvdock.status.alerts import Alert, AlertCode, Severity
from bwvdock.status.changes import MOST_AN_HOUR, Change, Changes

_HOUR_MS = 3_600_000
CODES = (AlertCode.PAUSED, AlertCode.CAMERA_FAILED)


def alert(code: AlertCode = AlertCode.CAMERA_FAILED, words: str = "CAM-17", *, error: bool = True) -> Alert:
    """Return an alert that says this."""
    severity = Severity.ERROR if error else Severity.WARNING
    return Alert(code=code, severity=severity, message=words, remedy="")


_ALERTS = st.builds(alert, st.sampled_from(CODES), st.sampled_from("abc"), error=st.booleans())
_LOOKS = st.lists(st.tuples(st.integers(0, 2 * _HOUR_MS), st.lists(_ALERTS, max_size=4)), max_size=40)


@given(_LOOKS)
def test_what_was_reported_is_what_stands_but_for_what_came_too_often(
    looks: list[tuple[int, list[Alert]]],
) -> None:
    changes, now_ms, open_codes = Changes(), 0, set[AlertCode]()
    begun: dict[AlertCode, list[int]] = {code: [] for code in CODES}
    for later, stands in looks:
        now_ms += later
        for change in changes.look(stands, now_ms):
            code = change.alert.code
            if change.ended:
                assert code in open_codes
                assert code not in {one.code for one in stands}
                open_codes.remove(code)
            else:
                assert change.alert in stands
                open_codes.add(code)
                begun[code].append(now_ms)
        lately = {code: [at for at in times if at > now_ms - _HOUR_MS] for code, times in begun.items()}
        assert all(len(times) <= MOST_AN_HOUR for times in lately.values())
        standing = {one.code for one in stands}
        assert open_codes <= standing
        assert all(len(lately[code]) == MOST_AN_HOUR for code in standing - open_codes)


def test_a_second_camera_is_reported_and_the_first_is_not_again() -> None:
    changes = Changes()
    first, second = alert(), alert(words="CAM-18")
    assert list(changes.look([first], 0)) == [Change(alert=first)]
    assert list(changes.look([first, second], 1)) == [Change(alert=second)]
    assert list(changes.look([first, second], 2)) == []
    assert list(changes.look([second], 3)) == []
    assert list(changes.look([], 4)) == [Change(alert=second, ended=True)]


def test_a_warning_that_becomes_an_error_is_reported() -> None:
    changes = Changes()
    list(changes.look([alert(error=False)], 0))
    assert list(changes.look([alert()], 1)) == [Change(alert=alert())]


def test_what_came_too_often_is_reported_once_there_is_room_and_still_stands() -> None:
    changes = Changes()
    for number in range(MOST_AN_HOUR):
        list(changes.look([alert(words=str(number))], number))
    new = alert(words="new")
    assert list(changes.look([new], 100)) == []
    assert list(changes.look([new], 101)) == []
    assert list(changes.look([new], _HOUR_MS + 100)) == [Change(alert=new)]


def test_many_codes_do_not_take_each_others_room() -> None:
    changes = Changes()
    for number in range(3 * MOST_AN_HOUR):
        list(changes.look([alert(words=str(number))], number))
    paused = alert(AlertCode.PAUSED)
    found = Counter(change.alert.code for change in changes.look([paused, alert(words="x")], 99))
    assert found == {AlertCode.PAUSED: 1}
