"""What have audits and courts faulted elsewhere, and what does this dock show of the same?

Each question names the finding that it comes from. An answer says what was seen, and what was not.
"""

from __future__ import annotations

from bwvdock.cli.audit.assessment.places import places, said
from bwvdock.cli.audit.assessment.values import (
    Answer,
    Known,
    Question,
    ask,
    entries,
    gap,
    key,
    seen,
    share,
)
from bwvdock.cli.audit.values import span
from bwvdock.cli.moments import when
from bwvdock.edges.journal.read.audit.observations import DUE_DAYS, UNREVIEWED_DAYS
from bwvdock.edges.journal.read.audit.timeliness import Measure, Timeliness


def _still_there(known: Known) -> Answer:
    again, lost = known.seen.proven_again, known.seen.lost_copies
    receipts = ", ".join(f"{c.destination}: {c.receipts:,}" for c in known.seen.copies) or "none"
    words = (
        f"Clips with a receipt, by store: {receipts}. A receipt says what was proven when it was written. "
    )
    where = f"journal: receipts; {entries('verified_again', again).removeprefix('journal: ')}"
    if not again.count:
        return gap(f"{words}No copy was proven again since.", where)
    words += f"A copy was last proven again on {when(again.at)}."
    if lost:
        return gap(
            f"{words} Copies that were found missing or changed and are not made good: {lost:,}.", where
        )
    return seen(words, where)


def _one_store(known: Known) -> Answer:
    required = [store.name for store in known.config.destinations if store.required]
    words = f"Required stores: {', '.join(required) or 'none'}."
    where = "configuration: [[destination]] required"
    if len(required) < 2:
        return gap(f"{words} A clip counts as proven with one copy beside the spool's.", where)
    return seen(words, where)


def _not_looked_at(known: Known) -> Answer:
    covered, retention = known.seen.coverage, known.config.retention
    if covered is None:
        return ask("No footage was copied yet.", "journal: no clip")
    days, notice = retention.unreviewed_days, retention.notice_days
    words = (
        f"Reviewed: {share(covered.reviewed, covered.clips)} copied clips. Not reviewed and recorded more "
    )
    words += (
        f"than {UNREVIEWED_DAYS} days ago: {known.seen.unreviewed:,}. What nobody has reviewed is kept for "
    )
    words += f"{days} days, and disposed of "
    words += f"after notice of {notice} days." if notice else "without notice."
    where = key("retention", "notice_days", notice)
    good = covered.reviewed == covered.clips and notice
    return (seen if good else gap)(words, where, "journal: clips")


def _late_docking(known: Known) -> Answer:
    row = _row(known, Measure.DOCKED)
    if row is None or not row.counted:
        return gap("No time from recording to docking is known.", "journal: dockings, dates of clips")
    words = f"More than 24 hours after recording: {share(row.late, row.counted)} clips; p95 "
    words += f"{span(row.p95_ms or 0)}. Not known for {row.uncertain:,}."
    return (gap if row.late or row.uncertain else seen)(words, "journal: dockings, dates of clips")


def _waiting(known: Known) -> Answer:
    row = _row(known, Measure.SAFE)
    if row is None or not row.counted:
        return gap("No camera was safe to remove yet.", "journal: dockings")
    words = f"From docking until the camera could be taken: p50 {span(row.p50_ms or 0)}, p95 "
    words += f"{span(row.p95_ms or 0)}, longest {span(row.worst_ms or 0)}, of {row.counted:,} dockings; "
    words += f"{row.open:,} were never safe. Batteries were not looked at."
    return (gap if row.open else seen)(words, "journal: dockings")


def _row(known: Known, measure: Measure) -> Timeliness | None:
    return next((row for row in known.seen.timeliness if row.measure is measure), None)


def _calls(known: Known) -> Answer:
    covered = known.seen.coverage
    if covered is None or covered.event is None:
        return gap(
            "The journal has no events from dispatch, so nobody can see which have no footage.", "journal"
        )
    words = f"Certain to be of an event: {share(covered.event, covered.clips)} copied clips."
    return (gap if covered.event < covered.clips else seen)(words, "journal: events")


def _linked(known: Known) -> Answer:
    covered = known.seen.coverage
    if covered is None:
        return ask("No footage was copied yet.", "journal: no clip")
    words = f"With an officer: {share(covered.officer, covered.clips)}; with a case: "
    words += f"{share(covered.case, covered.clips)} copied clips."
    return (gap if covered.officer < covered.clips else seen)(words, "journal: clips, assignments")


def _looked_and_due(known: Known) -> Answer:
    words = f"Looked at, neither evidence nor on hold, and due for disposal within {DUE_DAYS} days: "
    words += f"{known.seen.consulted_due:,} clips."
    where = entries("footage_consulted", known.seen.kinds["footage_consulted"])
    return (gap if known.seen.consulted_due else seen)(words, where, "journal: clips")


def _holds(known: Known) -> Answer:
    words = f"On hold: {known.seen.held:,} clips. "
    if known.seen.open_holds is None:
        return gap(f"{words}This journal knows no hold on what is not known yet.", "journal: clips on hold")
    words += f"Holds by officer, camera, unit, event, place or time that are open: {known.seen.open_holds:,}."
    return seen(words, "journal: clips on hold, standing holds")


def _balance(known: Known) -> Answer:
    dockings, incomplete = known.seen.dockings, known.seen.incomplete
    where = "journal: dockings (bwvdock report dockings)"
    if not dockings:
        return ask("No docking has ended yet.", where)
    words = "Dockings that ended with every file accounted for: "
    words += f"{share(dockings - incomplete, dockings)}."
    return (gap if incomplete else seen)(words, where)


def _erased(known: Known) -> Answer:
    words = f"Clips whose camera's copy was erased, or was about to be: {known.seen.erased:,}. The journal "
    words += (
        "accepts that entry only for a clip that every required store had proven; `bwvdock custody verify` "
    )
    words += "recomputes it."
    return seen(words, key("release", "erase", known.config.erase), "journal: entries release_intended")


def _reviews(known: Known) -> Answer:
    drawn = known.seen.kinds["sample_drawn"]
    words = (
        f"Samples drawn for a review: {drawn.count:,}. Whether they were then watched is not in the journal."
    )
    return (seen if drawn.count else gap)(words, entries("sample_drawn", drawn))


def _where(known: Known) -> Answer:
    sentences = [said(place) for place in places(known)]
    words = " ".join(sentences)
    seen_all = all(place.opened_is_known for place in places(known))
    return (seen if seen_all else gap)(words, "configuration: [[destination]]", "journal: receipts")


def _log(known: Known) -> Answer:
    consulted, exported = known.seen.kinds["footage_consulted"], known.seen.kinds["footage_exported"]
    disclosed = known.seen.kinds["footage_disclosed"]
    words = f"Consultations: {consulted.count:,}; exports: {exported.count:,}; recorded as handed over: "
    words += f"{disclosed.count:,}. Who watches footage in a store is not in this journal."
    where = entries("footage_consulted", consulted), entries("footage_exported", exported)
    words += " More was exported than is recorded as handed over." * (exported.count > disclosed.count)
    return (gap if exported.count > disclosed.count else seen)(words, *where)


FINDINGS = tuple(
    Question(id=f"A{number}", source=source, text=text, answer=answer)
    for number, (source, text, answer) in enumerate(
        (
            (
                "South Yorkshire (ICO, 2025), Nashville (2022)",
                "Is it known of every clip which copies exist now?",
                _still_there,
            ),
            (
                "Peschel v. Missoula (D. Mont. 2009)",
                "Is there more than one store that must have a clip?",
                _one_store,
            ),
            (
                "Kansas City (2022), Queensland (2023)",
                "Is what nobody looked at kept apart from what is not evidence?",
                _not_looked_at,
            ),
            ("Kansas City (2022)", "How long after recording is footage docked?", _late_docking),
            ("Houston (2014)", "How long do officers wait for the dock?", _waiting),
            ("San Diego (2022), Kansas City (2022)", "Which calls have no footage?", _calls),
            ("Victoria (VAGO, 2022)", "How much footage is linked to an officer, a case, a call?", _linked),
            (
                "Surrey (IOPC, 2022)",
                "Is anything about to be disposed of that somebody has looked at?",
                _looked_and_due,
            ),
            (
                "Hertfordshire; Woods v. Scissons (D. Ariz. 2019)",
                "Can footage be held before it is known which clips it is?",
                _holds,
            ),
            (
                "Graham v. Lone Grove (E.D. Okla. 2022)",
                "Is every file of every docking accounted for?",
                _balance,
            ),
            (
                "New Hampshire (request for proposals)",
                "Is a copy confirmed whole before the original is deleted?",
                _erased,
            ),
            (
                "Chicago (2019, 2021), Durham (2021)",
                "Are random reviews drawn by a standard selection?",
                _reviews,
            ),
            ("DESC (ICO, 2022)", "Where does each copy lie, and who may open it?", _where),
            ("BBC (2023)", "Is it recorded who looked at footage, and what was handed over?", _log),
        ),
        start=1,
    )
)
