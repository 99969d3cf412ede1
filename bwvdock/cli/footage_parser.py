"""Which commands find and mark footage, and say who held the cameras?"""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser
from typing import Any

from bwvdock.cli.building import add, call, verbs

_REASON = "why you look; it goes into the journal, and officers are shown"


def add_assign(cameras: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    """Add what says and shows who held which camera."""
    assign = add(
        cameras,
        "assign",
        call("roster", "assign"),
        "say who held a camera, from when, until when",
        "bwvdock cameras assign CAM-17 --officer 4411 --from 2026-03-01T06:00",
    )
    assign.add_argument("serial", metavar="SERIAL", nargs="?")
    assign.add_argument("--officer", metavar="ID", help="who")
    assign.add_argument("--from", dest="begins", metavar="T", help="from when on (default: now)")
    assign.add_argument("--to", dest="ends", metavar="T", help="until when (default: open)")
    assign.add_argument(
        "--import", dest="file", metavar="FILE.csv", help="many, from columns serial,officer,from,to"
    )
    assign.add_argument("--correct", action="store_true", help="it counts before what was said until now")
    roster = add(
        cameras,
        "roster",
        call("roster", "roster"),
        "who held a camera, as far as the dock was told",
        "bwvdock cameras roster CAM-17 --reason 'complaint 12/26'",
    )
    roster.add_argument("serial", metavar="SERIAL")
    roster.add_argument("--reason", metavar="R", help=_REASON)


def add_clips(commands: Any) -> None:  # noqa: ANN401
    """Add what finds, shows and marks clips."""
    listed = call("clips", "list_clips")
    clips = add(
        commands,
        "clips",
        listed,
        "footage: find it, read of it, mark it",
        "bwvdock clips --camera CAM-17",
    )
    _filter(clips, default=None)
    group = verbs(clips)
    listing = add(
        group, "list", listed, "find clips", "bwvdock clips list --state quarantined --since 2026-03-01"
    )
    _filter(listing, default=SUPPRESS)
    show = add(
        group, "show", call("clips", "show"), "one clip and its whole history", "bwvdock clips show 01kge4"
    )
    show.add_argument("--reason", metavar="R", default=SUPPRESS, help=_REASON)
    retry = add(
        group,
        "retry",
        call("clips", "retry"),
        "lead a clip out of quarantine: serve it again, or copy it from its camera again",
        "bwvdock clips retry 01kge4",
    )
    for parser in (show, retry):
        parser.add_argument("clip", metavar="CLIP", help="its id, or the beginning of it")
    _add_marks(group)


def _add_marks(group: Any) -> None:  # noqa: ANN401
    for name, what, example in (
        ("flag", "mark clips as evidence", "--evidence --reason 'burglary' --case C-7"),
        ("unflag", "say that clips are no evidence", "--reason 'flagged by mistake'"),
        ("hold", "let nothing of clips be erased or disposed of anywhere", "--reason 'inquiry 12/26'"),
        ("unhold", "end a hold", "--reason 'inquiry 12/26 is closed'"),
    ):
        parser = add(group, name, call("marks", name), what, f"bwvdock clips {name} 01kge4 {example}")
        parser.add_argument("clips", metavar="CLIP", nargs="+", help="its id, or the beginning of it")
        parser.add_argument("--reason", metavar="R", required=True, help="why; it goes into the journal")
        if name == "flag":
            parser.add_argument("--evidence", action="store_true", required=True, help="as evidence")
            parser.add_argument("--case", metavar="REF", default=SUPPRESS, help="the case it belongs to")


def _filter(parser: ArgumentParser, *, default: str | None) -> None:
    about = {
        "camera": ("S", "of the camera with this serial"),
        "officer": ("O", "of this officer; needs --reason"),
        "case": ("REF", "of this case"),
        "state": ("X", "in this state, for instance verified or quarantined"),
        "since": ("T", "recorded then or later (ISO 8601)"),
        "until": ("T", "recorded then or earlier (ISO 8601)"),
        "reason": ("R", _REASON),
    }
    for name, (metavar, what) in about.items():
        parser.add_argument(f"--{name}", metavar=metavar, default=default, help=what)
    for name, what in {
        "evidential": "that are evidence",
        "held": "that are held for an inquiry",
        "unassigned": "of which no officer is known",
    }.items():
        off = False if default is None else default
        parser.add_argument(f"--{name}", action="store_true", default=off, help=what)
