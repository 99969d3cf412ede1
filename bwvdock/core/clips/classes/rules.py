"""What does the configuration say of classes? Values; what entries make of them: given.py."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionClass:
    """One class of the configuration.

    `days` are counted from the recording. `until_reviewed`: for footage that nobody has reviewed; `days` are
    the most that it is kept for that. `destinations` are the only ones that get it (none: all). `units` are
    those whose footage is of this class from the start. `restricted`: only members of `groups` may see it.
    """

    name: str
    days: int
    until_reviewed: bool = False
    restricted: bool = False
    priority: int = 0
    destinations: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionRules:
    """What the configuration says of retention.

    `days` are those of footage that is not evidence and has no class; `unreviewed` is the class of footage
    that nobody has reviewed, None: as all other. Such footage is not disposed of before notice of it was
    given `notice_days` earlier (0: without). A vault's copy can be restored for `grace_days`. Footage that
    somebody consulted is an alert for `consulted_days` before it falls due. Members of `groups` may see every
    restricted class.
    """

    days: int = 31
    unreviewed: RetentionClass | None = None
    notice_days: int = 0
    grace_days: int = 0
    consulted_days: int = 7
    classes: tuple[RetentionClass, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def unreviewed_days(self) -> int:
        """For how many days footage is kept that nobody has reviewed."""
        return self.unreviewed.days if self.unreviewed else self.days

    def named(self, name: str) -> RetentionClass | None:
        """Return the class of a name, None if there is none; of "" what footage without a class gets."""
        if not name:
            return RetentionClass(name="", days=self.days)
        return next((one for one in self.classes if one.name == name), None)


NO_CLASSES = RetentionRules()


def unit_class(classes: Iterable[RetentionClass], unit: str) -> RetentionClass | None:
    """Return which of the classes a unit's footage has, None where it has none.

    Letters of either case and any blanks are the same: in rosters people type the names, and a slip must not
    leave footage unrestricted.
    """
    wanted = _bare(unit)
    return next((one for one in classes if wanted and wanted in map(_bare, one.units)), None)


def _bare(unit: str) -> str:
    return "".join(unit.split()).casefold()


def restricted_names(rules: RetentionRules) -> Collection[str]:
    """Return the names of the restricted classes."""
    return {one.name for one in rules.classes if one.restricted}
