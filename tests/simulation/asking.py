"""How are the stores of a simulated dock asked again?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bwvdock.core.holdings.draw import Drawn
from bwvdock.core.holdings.rules import Reverify
from bwvdock.core.paced import GiveWay
from bwvdock.edges.journal import JournalReader
from bwvdock.holdings.jobs import Choose, Night
from bwvdock.service.from_config import chosen

ASKED_AGAIN = Reverify(first=timedelta(0), every=timedelta(days=1), wait=timedelta(days=2))


def chooser(journal: Path) -> Choose:
    """Return what says from this journal which copies a store is asked for."""

    def choose(night: Night, give_way: GiveWay) -> Drawn:
        with JournalReader(journal) as reader:
            return reader.asked(lambda db: chosen(db, night, give_way))

    return choose
