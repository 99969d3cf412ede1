"""`bwvdock report sample`: which clips are to be reviewed? Drawn so that anybody can draw them again."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from bwvdock.cli.audit.asking import ELSEWHERE, asked_of, how_made
from bwvdock.cli.audit.printing import give_out
from bwvdock.cli.audit.values import AuditReport, Column, Kind, Section, Table
from bwvdock.cli.configuration import working_configuration
from bwvdock.cli.consultation import must_see
from bwvdock.cli.journal import open_reader
from bwvdock.cli.moments import read_period, when
from bwvdock.cli.orders import carry_out
from bwvdock.core.moments import iso
from bwvdock.edges.journal.read.audit.sample import Candidate, Per, Seed
from bwvdock.errors import UsageError
from bwvdock.operators.audit.disclosure import DrawSample
from bwvdock.operators.audit.queries import OFFICERS

_EXAMPLE = "bwvdock report sample --since 2026-03-01 --until 2026-03-31 --per unit --count 5 --reason R"
_MOST_OF_A_GROUP = 1000
_NAMES = {Per.UNIT: "(no unit)", Per.OFFICER: "(no officer)", Per.DOCK: "all clips"}
_RULE = (
    "How it was drawn: the root of the first checkpoint that was signed after the period, a space and the "
    "clip's id are hashed with SHA-256; in each group, the clips whose digests come first are drawn. Nobody "
    "chose a number. It was drawn from all clips of the period that were copied before that checkpoint."
)


def sample(arguments: Namespace) -> int:
    """Draw clips for a review, record the draw, and only then show it."""
    per, wanted = Per(arguments.per), _count(arguments)
    since, until = _period(arguments)
    arguments.by_unit = per is Per.UNIT
    config = working_configuration(arguments)
    if per is Per.OFFICER:
        must_see(arguments, config, command="report sample by officer", subject=OFFICERS)
    config, asked = asked_of(arguments, by_month=False)
    asked = replace(asked, since=since, until=until - timedelta(microseconds=1), smallest=0)
    with open_reader(config) as reader:
        seed = reader.seed(iso(until))
        if not seed.size:
            raise UsageError(
                "No checkpoint of the journal was signed since the end of the period, so there is no root "
                "that nobody could choose. Nothing was drawn.",
                remedy="bwvdock custody checkpoint; then type the same again",
            )
        rows = reader.sample(asked, seed, per=per, wanted=wanted, whole=arguments.json)
        later = reader.came_later(asked, seed)
        earlier = reader.earlier_draws(iso(since), iso(until))
        drawn = [row for row in rows if row.rank]
        if drawn:
            carry_out(arguments, _order(arguments, per, wanted, seed, drawn, (since, until)))
        made = how_made(arguments, config, reader)
    found = _Found(rows=sorted(rows, key=lambda row: row.group), later=later, earlier=earlier)
    return give_out(arguments, found.report(per, seed, made, (since, until), wanted))


def _count(arguments: Namespace) -> int:
    if not arguments.count.isdecimal() or not 0 < int(arguments.count) <= _MOST_OF_A_GROUP:
        raise UsageError(
            f"{arguments.count!r} is not a number of clips from 1 to {_MOST_OF_A_GROUP}.", remedy=_EXAMPLE
        )
    return int(arguments.count)


def _period(arguments: Namespace) -> tuple[datetime, datetime]:
    """Return the first moment of the period, and the first after it: whole days that are over."""
    config = working_configuration(arguments)
    if arguments.since is None or arguments.until is None:
        raise UsageError(
            "A sample is drawn from a period: --since and --until are required.", remedy=_EXAMPLE
        )
    period = read_period(arguments, remedy=_EXAMPLE)
    since, last = period["since"], period["until"]
    assert since is not None  # noqa: S101 - both were given
    assert last is not None  # noqa: S101 - likewise
    until = last + timedelta(microseconds=1)
    if any(moment.astimezone(config.zone).time() != datetime.min.time() for moment in (since, until)):
        raise UsageError(
            "A sample is drawn from whole days: with a time of day, somebody could choose what is drawn.",
            remedy=_EXAMPLE,
        )
    if until > datetime.now(UTC):
        raise UsageError(
            "The period is not over, so its last clips are not known.",
            remedy=f"End it with a day that is over, for example: {_EXAMPLE}",
        )
    return since, until


def _order(
    arguments: Namespace,
    per: Per,
    wanted: int,
    seed: Seed,
    drawn: Sequence[Candidate],
    period: tuple[datetime, datetime],
) -> DrawSample:
    since, until = period
    return DrawSample(
        since=iso(since),
        until=iso(until),
        per=per.value,
        wanted=wanted,
        size=seed.size,
        root=seed.root,
        population=sum({row.group: row.of for row in drawn}.values()),
        clips=tuple(row.clip for row in drawn),
        reason=arguments.reason,
        unit=arguments.unit or "",
    )


class _Found:
    """What was drawn, and what has to be said of it."""

    def __init__(self, *, rows: Sequence[Candidate], later: int, earlier: Sequence[int]) -> None:
        self.rows, self.later, self.earlier = rows, later, earlier

    def report(
        self, per: Per, seed: Seed, made: Sequence[str], period: tuple[datetime, datetime], wanted: int
    ) -> AuditReport:
        """Return the report."""
        groups: dict[str, list[Candidate]] = {}
        for row in self.rows:
            groups.setdefault(row.group, []).append(row)
        sections = [
            Section(heading=_heading(per, name), tables=[_table(of)])
            for name, of in groups.items()
            if any(row.rank for row in of)
        ]
        since, until = period
        document = {
            "since": iso(since),
            "until": iso(until),
            "per": per.value,
            "count": wanted,
            "seed": asdict(seed),
            "came_later": self.later,
            "earlier_draws": list(self.earlier),
            "groups": [
                {
                    "group": name,
                    "drawn": [_document(row) for row in of if row.rank],
                    "not_drawn": [row.clip for row in of if not row.rank],
                }
                for name, of in groups.items()
            ],
        }
        return AuditReport(
            title="Clips drawn at random for a review",
            made=made,
            sections=[*sections, Section(sentences=self._notes(seed))],
            document=document,
            nothing="No clip that was recorded in this period had been copied, so none was drawn.",
        )

    def _notes(self, seed: Seed) -> list[str]:
        confirmed = (
            f", confirmed by {', '.join(seed.witnesses)}" if seed.witnesses else ", confirmed by no witness"
        )
        notes = [
            _RULE,
            f"The checkpoint: {seed.size} entries, {when(seed.made_at)}{confirmed}. Root: {seed.root}.",
        ]
        if self.later:
            notes.append(f"{self.later} clips of the period were copied later, so none of them was drawn.")
        if self.earlier:
            entries = ", ".join(f"#{seq}" for seq in self.earlier)
            notes.append(f"Draws from periods that overlap this one were recorded before: {entries}.")
        return [*notes, ELSEWHERE]


def _heading(per: Per, name: str) -> str:
    return f"{per.value.capitalize()} {name}" if name else _NAMES[per]


_COLUMNS = (
    Column("group", csv_alone=True),
    Column("rank", Kind.COUNT),
    Column("clip"),
    Column("camera", drop=1),
    Column("recorded_at", Kind.TIME),
    Column("certain", Kind.FLAG, heading="date certain", drop=3),
    Column("copy", drop=2),
    Column("digest", csv_alone=True),
)


def _table(rows: Sequence[Candidate]) -> Table:
    drawn = [_document(row) for row in rows if row.rank]
    caption = f"{len(drawn)} of {rows[0].of:,} clips, in the order in which they were drawn"
    group = {"group": rows[0].group}
    return Table(caption=caption, columns=_COLUMNS, rows=[{**group, **row} for row in drawn])


def _document(row: Candidate) -> dict[str, object]:
    return {name: value for name, value in asdict(row).items() if name not in {"group", "of"}}
