"""Is a verification due now? bwvdock-verify.timer asks every half an hour."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from bwvdock.core.custody.entries import read_leaf
from bwvdock.core.facts import UncleanStart
from bwvdock.edges.journal.read.reader import JournalReader
from bwvdock.errors import JournalError

_AT_NIGHT = range(1, 6)  # hours, local time
_A_NIGHT, _LONGEST = timedelta(hours=22), timedelta(hours=46)  # since the last one


def is_due(journal: Path, now: datetime) -> bool:
    """Return whether a verification should run now.

    It should once a night, at any hour where there was none for two days, and after a start that was not
    preceded by an orderly stop. It should too where that cannot be read: the verification says why.
    """
    query = (  # in the words of its index
        "SELECT kind, leaf FROM entry WHERE kind IN ('journal_verified', 'unclean_start')"
        " ORDER BY seq DESC LIMIT 1"
    )
    try:
        with JournalReader(journal) as reader:
            last = reader.report(lambda db: db.execute(query))
        if not last or last[0][0] == UncleanStart.kind:
            return True
        age = now - datetime.fromisoformat(read_leaf(str(last[0][1])).stamp.t)
    except (JournalError, ValueError, RecursionError, TypeError):
        return True
    # A clock that was set back makes an age below nothing.
    return age < timedelta() or age > (_A_NIGHT if now.astimezone().hour in _AT_NIGHT else _LONGEST)
