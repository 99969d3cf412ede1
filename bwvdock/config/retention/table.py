"""What does [retention] say: which classes are there, how long is footage kept, with how much notice?"""

from __future__ import annotations

from collections.abc import Collection

from bwvdock.config.toml_table import Parser, Table, choice, each, flag, line, name, whole
from bwvdock.core.clips.classes.rules import RetentionClass, RetentionRules, unit_class

NOTICE_DAYS = 7
_MOST_DAYS = 36500
_NAMES: Parser[tuple[str, ...]] = each(name)
_UNITS: Parser[tuple[str, ...]] = each(line)
_NO_CLASS = RetentionClass(name="", days=1)  # used only while mistakes are collected


def read_retention(table: Table, access: Table, destinations: Collection[str]) -> RetentionRules:
    """Return what the table says.

    Args:
        table: [retention].
        access: [access].
        destinations: the names of the destinations that a class may name.
    """
    classes: list[RetentionClass] = []
    for one in table.tables("class"):
        made = _class(one, destinations, {earlier.name for earlier in classes})
        if twice := [unit for unit in made.units if unit_class(classes, unit)]:
            one.wrong(
                "units",
                f"another class has the unit {twice[0]}, and footage has one class from the start",
                "name each unit in one class",
            )
        classes.append(made)
        one.nothing_else()
    rules = RetentionRules(
        days=table.take("non_evidential_days", whole(1, _MOST_DAYS), 31),
        unreviewed=_unreviewed(table, classes),
        notice_days=table.take("notice_days", whole(0, 365), NOTICE_DAYS),
        grace_days=table.take("grace_days", whole(0, 365), 0),
        consulted_days=table.take("consulted_days", whole(0, 365), 7),
        classes=tuple(classes),
        groups=access.take("restricted_groups", _NAMES, ()),
    )
    table.nothing_else()
    access.nothing_else()
    return rules


def _unreviewed(table: Table, classes: list[RetentionClass]) -> RetentionClass | None:
    wanted = table.take("unreviewed", name, "")
    found = next((one for one in classes if one.name == wanted), None)
    if wanted and found is None:
        remedy = "add a [[retention.class]] of that name, or leave it out: then non_evidential_days applies"
        table.wrong("unreviewed", "is not the name of a class", remedy)
    elif found and _has_more_than_days(found):
        table.wrong(
            "unreviewed",
            "names a class that has more than days, and what nobody has reviewed gets the days alone: "
            "it would be neither restricted nor sent elsewhere",
            "name a class that has days alone",
        )
    return found


def _has_more_than_days(one: RetentionClass) -> bool:
    return bool(one.restricted or one.priority or one.destinations or one.units)


def _class(table: Table, destinations: Collection[str], known: Collection[str]) -> RetentionClass:
    given = table.need("name", name, "", remedy='give it a name, such as "use-of-force"')
    if given and given in known:
        table.wrong("name", "another class has the same name", "give each class its own")
    until_reviewed = table.take("until", choice("reviewed"), "") == "reviewed"
    days = _days(table, until_reviewed=until_reviewed)
    routes: tuple[str, ...] = table.take("destinations", _NAMES, ())
    if unknown := sorted({*routes} - {*destinations}):
        table.wrong("destinations", f"no destination is called {unknown[0]}", "name those of [[destination]]")
    groups: tuple[str, ...] = table.take("groups", _NAMES, ())
    restricted = table.take("restricted", flag, default=bool(groups))
    if groups and not restricted:
        table.wrong("restricted", "is false, and groups are named", "leave one of them out")
    made = RetentionClass(
        name=given,
        days=days,
        until_reviewed=until_reviewed,
        restricted=restricted,
        groups=groups,
        priority=table.take("priority", whole(0, 9), 0),
        destinations=routes,
        units=table.take("units", _UNITS, ()),
    )
    if until_reviewed and _has_more_than_days(made):
        table.wrong(
            "until",
            "a class for what nobody has reviewed has days alone",
            "restricted, priority, destinations and units go into a class that footage is given",
        )
    return made


def _days(table: Table, *, until_reviewed: bool) -> int:
    wanted, other = ("ceiling_days", "days") if until_reviewed else ("days", "ceiling_days")
    if table.has(other):
        table.wrong(
            other,
            'does not go with until = "reviewed"' if until_reviewed else 'needs until = "reviewed"',
            f"write {wanted}",
        )
    remedy = "write for how many days footage of this class is kept after it was recorded"
    return table.need(wanted, whole(1, _MOST_DAYS), _NO_CLASS.days, remedy=remedy)
