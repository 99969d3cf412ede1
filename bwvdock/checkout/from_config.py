"""How is checking out put together with a dock and its configuration?"""

from __future__ import annotations

import os
from collections.abc import Callable

from bwvdock.bays.docking import Dockings
from bwvdock.checkout.assignments import CheckoutJournal
from bwvdock.checkout.checkouts import Checkouts
from bwvdock.config.checkout.badges_file import read_badges
from bwvdock.config.settings import Config
from bwvdock.core.checkout.badges import Badges
from bwvdock.errors import ConfigError
from bwvdock.runtime.ledger import Ledger
from bwvdock.status.live import LiveView

_KEY_BYTES = 64


def let_it_check_out(
    ledger: Ledger,
    dockings: Dockings,
    journal: CheckoutJournal,
    view: LiveView,
    random: Callable[[int], bytes] = os.urandom,
) -> Checkouts:
    """Return what checks cameras out; it hears of all that are docked and leave, and has no badges yet.

    To be called before the dock is started, which is an entry.
    """
    return Checkouts(
        ledger=ledger,
        journal=journal,
        dockings=dockings,
        clock=view.clock,
        random=random,
        safe=view.is_safe,
        set_aside=view.surveys.set_aside,
        last_entry_at=journal.checkouts.last_entry_at(),
    )


def set_badges(checkouts: Checkouts, config: Config) -> None:
    """Read the list of badges that a configuration names; one that cannot be read changes none."""
    settings, checkouts.zone = config.checkout, config.zone
    checkouts.own.change(wanted=settings.own_clips and settings.badges is not None)
    if settings.badges is None:
        checkouts.change(settings.rules, None, None)
        return
    try:
        rows = read_badges(settings.badges, config.zone)
    except ConfigError as error:
        if checkouts.badges is None:  # so that cameras which leave are seen, and a desk can name officers
            checkouts.badges = Badges(key=os.urandom(_KEY_BYTES))
        checkouts.change(settings.rules, None, error)
    else:
        checkouts.change(settings.rules, Badges(rows, key=os.urandom(_KEY_BYTES)), None)
