"""Which commands find and mark footage, and record who held the cameras?"""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, Namespace
from typing import Any

from bwvdock.cli.building import add, add_period, call, verbs
from bwvdock.cli.holds.parser import add_holds
from bwvdock.cli.requests.parser import add_request_option
from bwvdock.cli.review.parser import add_restore, add_review

_REASON = "the reason, recorded in the journal; officers are then shown"


def add_enrol(cameras: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    """Add the command that admits cameras."""
    enrol = add(
        cameras,
        "enrol",
        call("cameras", "enrol"),
        "admit a camera to this dock, or all of a list",
        "bwvdock cameras enrol BC3-0017542 --model 'BC-300'",
    )
    enrol.add_argument("serial", metavar="SERIAL", nargs="?")
    enrol.add_argument("--model", metavar="M", default="", help="a model name, shown in lists")
    enrol.add_argument("--unit", metavar="U", default="", help="the borough, team or other unit that has it")
    enrol.add_argument("--import", dest="file", metavar="FILE.csv", help="a list: serial,model,unit")
    enrol.add_argument(
        "--dry-run", action="store_true", help="with --import: say what would change, record nothing"
    )


def add_assign(cameras: Any) -> None:  # noqa: ANN401
    """Add the commands that record and show who held which camera."""
    assign = add(
        cameras,
        "assign",
        call("roster", "assign"),
        "record who held a camera, from when and until when",
        "bwvdock cameras assign CAM-17 --officer 4411 --from 2026-03-01T06:00",
    )
    assign.add_argument("serial", metavar="SERIAL", nargs="?")
    assign.add_argument("--officer", metavar="ID", help="the officer")
    assign.add_argument("--unit", metavar="U", help="the officer's borough, team or other unit at that time")
    assign.add_argument("--from", dest="begins", metavar="T", help="start (default: now)")
    assign.add_argument("--to", dest="ends", metavar="T", help="end (default: open)")
    assign.add_argument(
        "--import", dest="file", metavar="FILE.csv", help="a roster: serial,officer,from,to,unit"
    )
    assign.add_argument(
        "--correct", action="store_true", help="this replaces earlier assignments it contradicts"
    )
    roster = add(
        cameras,
        "roster",
        call("roster", "roster"),
        "show who held a camera, according to the recorded assignments",
        "bwvdock cameras roster CAM-17 --reason 'complaint 12/26'",
    )
    roster.add_argument("serial", metavar="SERIAL")
    roster.add_argument("--reason", metavar="R", help=_REASON)


def add_clips(commands: Any) -> None:  # noqa: ANN401
    """Add the commands that find, show and mark clips."""
    listed = call("clips", "list_clips")
    clips = add(
        commands,
        "clips",
        listed,
        "find, inspect and mark clips",
        "bwvdock clips --camera CAM-17",
    )
    _filter(clips, default=None)
    group = verbs(clips)
    listing = add(
        group,
        "list",
        listed,
        "list clips, newest footage first",
        "bwvdock clips list --state quarantined --since 2026-03-01",
    )
    _filter(listing, default=SUPPRESS)
    show = add(
        group,
        "show",
        call("clips", "show"),
        "show one clip and its whole history",
        "bwvdock clips show 01kge4",
    )
    show.add_argument("--reason", metavar="R", default=SUPPRESS, help=_REASON)
    add_copy(show, default=SUPPRESS)
    add_request_option(show, default=SUPPRESS)
    retry = add(
        group,
        "retry",
        call("clips", "retry"),
        "release a clip from quarantine: upload it again, or copy it from its camera again",
        "bwvdock clips retry 01kge4",
    )
    for parser in (show, retry):
        parser.add_argument("clip", metavar="CLIP", help="the clip's id, or a unique beginning of it")
    hurry = add(
        group,
        "hurry",
        call("clips", "hurry"),
        "put clips before all others that wait: they are copied, uploaded and proven next",
        "bwvdock clips hurry 01kge4",
    )
    hurry.add_argument("clips", metavar="CLIP", nargs="+", help="the clip's id, or a unique beginning of it")
    hurry.add_argument("--reason", metavar="R", default="", help="the reason, recorded in the journal")
    add_review(group)
    add_restore(group)
    _add_marks(group)
    add_holds(group)


def add_copy(parser: ArgumentParser, *, default: str | None = None) -> None:
    """Add the option that names a copy of a journal."""
    parser.add_argument(
        "--journal",
        metavar="FILE",
        default=default,
        help="read this copy of a journal; a consultation is then noted in FILE.consultations.jsonl",
    )


def add_filters(parser: ArgumentParser, report: str) -> None:
    """Add the options that choose what is in a report: a unit, and of that about retention a class."""
    _add_units(parser)
    if report == "retention":
        what = 'only clips of this class of [[retention.class]]; "": of none'
        parser.add_argument("--class", dest="of_class", metavar="NAME", help=what)


def _add_units(parser: ArgumentParser) -> None:
    """Add the options about units; a team may be two people, so they need a reason."""
    parser.add_argument("--unit", metavar="U", help="only what is of this unit; needs --reason")
    parser.add_argument(
        "--by-unit", action="store_true", help="name the unit of each line, and sort by it; needs --reason"
    )
    parser.add_argument(
        "--sums", action="store_true", help="with --by-unit: what the lines of each unit come to, alone"
    )
    parser.add_argument("--reason", metavar="R", help="the reason, recorded in the journal")


def _custody_report(arguments: Namespace) -> int:
    from bwvdock.cli.statement.command import report  # noqa: PLC0415 - as `call` does

    return report(arguments)


def _custody_export(arguments: Namespace) -> int:
    from bwvdock.cli.export.command import export  # noqa: PLC0415 - as `call` does

    return export(arguments)


def add_report(group: Any) -> None:  # noqa: ANN401
    """Add the command that reports about one clip to a court."""
    report = add(
        group,
        "report",
        _custody_report,
        "report on one clip for a court: what was observed, what went wrong, and drafts to sign",
        "bwvdock custody report 01kge4 --reason 'disclosure, case C-7' --format html",
    )
    report.add_argument("clip", metavar="CLIP", help="the clip's id, or a unique beginning of it")
    report.add_argument("--reason", metavar="R", required=True, help=_REASON)
    add_request_option(report)
    report.add_argument("--format", choices=("text", "html"), default="text", help="default: text")
    add_copy(report)


def add_export(group: Any) -> None:  # noqa: ANN401
    """Add the command that hands clips to somebody with their proofs."""
    export = add(
        group,
        "export",
        _custody_export,
        "write an evidence package: footage, entries and proofs that anybody can check (a BagIt bag)",
        "bwvdock custody export 01kge4 --to ./exhibit-7 --reason 'case C-7'",
    )
    export.add_argument("clips", metavar="CLIP", nargs="+", help="the clip's id, or a unique beginning of it")
    export.add_argument("--to", metavar="DIR", required=True, help="the folder to make; it must not exist")
    export.add_argument("--reason", metavar="R", required=True, help=_REASON)
    add_request_option(export)
    export.add_argument(
        "--open", metavar="FIELDS", default="", help="what to disclose beside the camera: officer,path"
    )
    export.add_argument("--exhibit", metavar="REF", default="", help="the exhibit's reference")
    export.add_argument(
        "--footage", metavar="FILE", action="append", default=[], help="a copy fetched from a remote store"
    )


def _add_marks(group: Any) -> None:  # noqa: ANN401
    for name, what, example in (
        ("flag", "mark clips as evidence", "--evidence --reason 'burglary' --case C-7"),
        ("unflag", "remove the evidence mark from clips", "--reason 'flagged by mistake'"),
        ("dispute", "record that clips are not their officer's", "--reason '4411 was on leave'"),
        ("uphold", "attribute disputed clips as the roster says", "--reason 'seen by Sgt 77'"),
    ):
        parser = add(group, name, call("marks", name), what, f"bwvdock clips {name} 01kge4 {example}")
        parser.add_argument(
            "clips", metavar="CLIP", nargs="+", help="the clip's id, or a unique beginning of it"
        )
        parser.add_argument(
            "--reason", metavar="R", required=True, help="the reason, recorded in the journal"
        )
        if name == "flag":
            parser.add_argument("--evidence", action="store_true", required=True, help="mark as evidence")
            parser.add_argument("--case", metavar="REF", default=SUPPRESS, help="the case they belong to")


def _filter(parser: ArgumentParser, *, default: str | None) -> None:
    about = {
        "camera": ("S", "only clips from the camera with this serial"),
        "officer": ("O", "only clips attributed to this officer; needs --reason"),
        "unit": ("U", "only clips of this unit; needs --reason"),
        "case": ("REF", "only clips of this case"),
        "class": ("NAME", "only clips of this class of [[retention.class]]"),
        "event": ("E", "only clips that may be of this event from dispatch"),
        "state": ("X", "only clips in this state, for example verified or quarantined"),
        "reason": ("R", _REASON),
    }
    add_period(parser, "only clips recorded", default=default)
    add_copy(parser, default=default)
    add_request_option(parser, default=default)
    for name, (metavar, what) in about.items():
        dest = "of_class" if name == "class" else name
        parser.add_argument(f"--{name}", dest=dest, metavar=metavar, default=default, help=what)
    for name, what in {
        "evidential": "only clips marked as evidence",
        "held": "only clips on hold, by name or by a standing hold",
        "unassigned": "only clips with no officer assigned",
        "unreviewed": "only clips that nobody has reviewed, no mark of the camera or event speaks of",
    }.items():
        off = False if default is None else default
        parser.add_argument(f"--{name}", action="store_true", default=off, help=what)
