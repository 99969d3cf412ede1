"""`bwvdock plan`: when are cameras safe and clips proven, and what do dock, uplink and stores need for it?"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from dataclasses import asdict

from bwvdock.cli.output.console import print_json, say
from bwvdock.cli.plan import words
from bwvdock.cli.plan.inputs import Inputs, inputs, is_file
from bwvdock.cli.plan.text import print_plan
from bwvdock.core.planning import figures
from bwvdock.core.planning.answer import Answer, ShiftAnswer, answer
from bwvdock.core.planning.station import MICRO
from bwvdock.errors import StorageError, words_of


def plan(arguments: Namespace) -> int:
    """Print what follows from a plan; return 1 if it does not work."""
    planned = inputs(arguments)
    file = is_file(arguments.svg) if arguments.svg else None
    found = answer(planned.station)
    if arguments.json:
        print_json(document(planned, found))
    else:
        print_plan(planned, found)
    if file is not None:
        from bwvdock.cli.plan.svg import picture  # noqa: PLC0415 - few ask for one

        try:
            file.write_text(picture(planned.station, found), encoding="utf-8")
        except OSError as error:
            raise StorageError(
                f"The picture cannot be written: {words_of(error)}.",
                remedy="Give another file with --svg FILE.",
            ) from error
        say(f"The day is drawn in {file}.")
    return 0 if found.works else 1


def document(planned: Inputs, found: Answer) -> Mapping[str, object]:
    """Return the JSON document: bytes, bytes per second and seconds."""
    station = planned.station
    shown = asdict(found)
    for name in ("usual_wait", "longest_wait"):
        shown[name] = getattr(found, name) / MICRO
    shown["shifts"] = [_shift(shift) for shift in found.shifts]
    shown["shortages"] = [
        {
            **asdict(shortage),
            "fails": shortage.fails,
            "message": words.message(shortage, station),
            "remedy": words.remedy(shortage),
        }
        for shortage in found.shortages
    ]
    sources = {name.replace("-", "_"): source for name, source in planned.sources.items()}
    return {
        "works": found.works,
        "planned": {
            name: value for name, value in asdict(station).items() if name not in {"attach", "commit"}
        },
        "from": sources,
        "configuration": planned.file,
        **shown,
        "figures": [asdict(figure) for figure in figures.ALL],
    }


def _shift(shift: ShiftAnswer) -> Mapping[str, object]:
    times = ("first", "half", "most", "last", "longest", "proven")
    names = ("first_safe", "half_safe", "safe_95_percent", "last_safe", "longest_wait", "all_proven")
    return {
        "at": words.clock(shift.at),
        "cameras": shift.cameras,
        "waited": shift.waited,
        **{name: getattr(shift, time) / MICRO for name, time in zip(names, times, strict=True)},
    }
