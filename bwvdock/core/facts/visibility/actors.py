"""How does an entry name who acted: a user of the machine, or somebody with an officer's badge?

A user is "1000:ann", as the kernel says. Of a badge nobody saw who showed it: "badge:4411" names the officer
whose badge it is, according to the list of badges, and no user.
"""

from __future__ import annotations

_BADGE = "badge:"


def by_badge(officer: str) -> str:
    """Return the actor of what was ordered after a badge of an officer was shown."""
    return f"{_BADGE}{officer}"


def badge_of(actor: str) -> str:
    """Return whose badge was shown for an act, "" where a user of the machine acted."""
    return actor[len(_BADGE) :] if actor.startswith(_BADGE) else ""


def unnamed(actor: str) -> str:
    """Return an actor without the officer that it names: the log names users of the machine alone."""
    return _BADGE.rstrip(":") if badge_of(actor) else actor
