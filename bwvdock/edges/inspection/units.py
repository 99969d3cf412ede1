"""In which state are units of systemd?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bwvdock.edges.inspection.programs import Ran, run
from bwvdock.errors import NotSeenError

_WANTED = "Id,LoadState,ActiveState,UnitFileState,Result,NeedDaemonReload"


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """A unit, in systemd's words: `load` "loaded", `active` "active", `enabled` "enabled"; "": unknown.

    `stale`: its file was changed and systemd has not read it again.
    """

    name: str
    load: str
    active: str
    enabled: str
    result: str = ""
    stale: bool = False


def read_units(names: Sequence[str], *, ask: Callable[..., Ran] = run) -> Sequence[Unit]:
    """Return the state of each unit, in order.

    Raises:
        NotSeenError: systemd is not running here, or does not answer.
    """
    ran = ask("systemctl", "show", "--no-pager", f"--property={_WANTED}", *names)
    found = {unit.name: unit for unit in map(_unit, map(_properties, ran.out.split("\n\n"))) if unit.name}
    if not found:
        raise NotSeenError(
            "systemd does not answer (systemctl show)", remedy="systemctl status; is systemd running here?"
        )
    return [found.get(name, Unit(name=name, load="not-found", active="", enabled="")) for name in names]


def _unit(said: Mapping[str, str]) -> Unit:
    return Unit(
        name=said.get("Id", ""),
        load=said.get("LoadState", ""),
        active=said.get("ActiveState", ""),
        enabled=said.get("UnitFileState", ""),
        result=said.get("Result", ""),
        stale=said.get("NeedDaemonReload") == "yes",
    )


def _properties(block: str) -> Mapping[str, str]:
    return {key: value for key, found, value in (line.partition("=") for line in block.split("\n")) if found}
