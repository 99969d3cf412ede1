"""What does a message say in words: as an e-mail, and in one line?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from bwvdock.core.visible_text import shortened, visible, visible_lines
from bwvdock.notify.values import Message, Notice, What
from bwvdock.status.alerts import Severity
from bwvdock.units import format_count

_MOST_SUBJECT = 120
_WORDS = {
    What.RAISED: "",
    What.CHANGED: "worse: ",
    What.REPEATED: "still: ",
    What.CLEARED: "over: ",
    What.TEST: "",
}


def subject_of(message: Message) -> str:
    """Return the subject of an e-mail: the gravest first, and how many more there are."""
    first = _in_order(message.notices)[0]
    more = len(message.notices) - 1
    others = f" and {format_count(more, 'more alert')}" if more else ""
    grave = "ERROR: " if first.severity is Severity.ERROR and first.what is not What.CLEARED else ""
    about = f" ({first.subject})" if first.subject else ""
    said = f"[{message.dock}] {_WORDS[first.what]}{grave}{first.code}{about}{others}"
    return shortened(visible(said), _MOST_SUBJECT)


def text_of(message: Message, zone: tzinfo) -> str:
    """Return the text of an e-mail, with times in a zone."""
    return "\n".join(_lines(message, zone)) + "\n"


def _lines(message: Message, zone: tzinfo) -> Iterator[str]:
    where = f"{message.dock}, {message.site}" if message.site else message.dock
    yield visible(f"Dock {where}, {_shown(message.at, zone)}")
    if message.dropped:
        yield (
            f"{format_count(message.dropped, 'earlier message')} {'was' if message.dropped == 1 else 'were'} "
            "given up: they could not be delivered."
        )
    for notice in _in_order(message.notices):
        yield ""
        about = f" ({notice.subject})" if notice.subject else ""
        yield visible(f"{_WORDS[notice.what]}{notice.severity.upper()} {notice.code}{about}")
        yield f"since {_shown(notice.since, zone)}"
        yield visible_lines(notice.message)
        if notice.remedy:
            yield visible_lines(f"What to do: {notice.remedy}")
    yield ""
    yield f"To see the present state, on the dock: bwvdock status. This message is {message.id}."


def _in_order(notices: Sequence[Notice]) -> Sequence[Notice]:
    return sorted(notices, key=lambda one: (one.what is What.CLEARED, one.severity is not Severity.ERROR))


def _shown(moment: str, zone: tzinfo) -> str:
    return datetime.fromisoformat(moment).astimezone(zone).isoformat(sep=" ", timespec="seconds")
