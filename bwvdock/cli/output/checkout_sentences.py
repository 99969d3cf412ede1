"""How do the entries about checking out read to a person? A sentence says what the dock saw."""

from __future__ import annotations

from collections.abc import Callable

from bwvdock.cli.moments import when
from bwvdock.cli.output.texts import Data, person, text

_RETURNED = {
    "docked": "docked again in bay {bay}",
    "desk": "returned at the desk, as entered by {actor}",
    "exchanged": "no longer checked out: the officer took another camera",
    "doubtful": "no longer checked out: a second camera was taken with it",
}


def _checked_out(data: Data) -> str:
    named = "after a badge was read" if data["by"] == "badge" else f"as ordered by {person(data, 'actor')}"
    until = "assigned to them from then on" if data["assigned"] else "already theirs"
    return (
        f"camera {text(data, 'camera')} offered to officer {person(data, 'officer')} {named}, and taken from "
        f"bay {text(data, 'bay')} at {when(text(data, 'taken_at'))}; {until}"
    )


def _returned(data: Data) -> str:
    how = _RETURNED.get(text(data, "how"), "returned")
    said = how.format(bay=text(data, "bay"), actor=person(data, "actor"))
    ended = "; the assignment ends there" if data["ended"] else ""
    nobody = data.get("officer") == ""
    out = "taken and assigned to nobody" if nobody else f"checked out to officer {person(data, 'officer')}"
    return (
        f"camera {text(data, 'camera')}, {out} at {when(text(data, 'taken_at'))}, {said}, at "
        f"{when(text(data, 'returned_at'))}{ended}"
    )


def _taken_otherwise(data: Data) -> str:
    offered = f"the one offered to officer {person(data, 'officer')} was in bay {text(data, 'offered_bay')}"
    why = {
        "without-badge": "it was offered to nobody",
        "another": offered,
        "two": f"{offered}, and both were taken",
        "not-assigned": "its assignment could not be recorded",
    }.get(text(data, "how"), "it was not checked out")
    return (
        f"camera {text(data, 'camera')} taken from bay {text(data, 'bay')} at {when(text(data, 'taken_at'))} "
        f"and assigned to nobody: {why}"
    )


CHECKOUT_SENTENCES: dict[str, Callable[[Data], str]] = {
    "camera_checked_out": _checked_out,
    "camera_returned": _returned,
    "camera_taken_otherwise": _taken_otherwise,
}
