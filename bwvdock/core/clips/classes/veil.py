"""What is hidden from somebody? Values; who sees what: operators/retention/access.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Veil:
    """The restricted classes that are `open` to somebody, and those that are `closed`, by name.

    A clip is hidden if one of its classes is closed, or if an entry restricts it and none of its classes is
    open: then the class is not restricted by the configuration any more, or not in it.
    """

    open: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
