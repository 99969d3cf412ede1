"""Who may see footage of restricted classes? Root, and the groups that the configuration names.

The kernel says in which groups a process is that asks (edges/peer.py); what the process says itself counts
for nothing here. Those who may see a class may also give orders about its clips, and nobody else may.
"""

from __future__ import annotations

import grp
from collections.abc import Callable, Collection, Iterable

from bwvdock.core.clips.classes.rules import NO_CLASSES, RetentionRules
from bwvdock.core.clips.classes.veil import Veil
from bwvdock.edges.peer import Peer


def group_number(name: str) -> int | None:
    """Return the number of a group of this machine, None for one that is not there."""
    try:
        return grp.getgrnam(name).gr_gid
    except (KeyError, OSError):
        return None


class Access:
    """Says what a process may see. Asked from any thread; `rules` may be replaced meanwhile."""

    def __init__(
        self,
        rules: RetentionRules = NO_CLASSES,
        *,
        number: Callable[[str], int | None] = group_number,
        owner: int = 0,
    ) -> None:
        """Take the rules.

        Args:
            rules: the classes, and who may see which.
            number: returns the number of a group, None for one that is not there.
            owner: the user whose files the journal and the spool are, who may read them anyway, as root may.
        """
        self.rules = rules
        self._number = number
        self._owner = owner

    def veil_of(self, peer: Peer) -> Veil | None:
        """Return what is hidden from a process; None: nothing."""
        rules = self.rules
        if peer.uid in {0, self._owner} or self._is_in(peer.groups, rules.groups):
            return None
        restricted = [one for one in rules.classes if one.restricted]
        opened = tuple(one.name for one in restricted if self._is_in(peer.groups, one.groups))
        return Veil(open=opened, closed=tuple(one.name for one in restricted if one.name not in opened))

    def _is_in(self, groups: Collection[int], names: Iterable[str]) -> bool:
        return any((number := self._number(name)) is not None and number in groups for name in names)
