"""What does the report say about a clip? Each sentence follows from the entries that it names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from bwvdock.cli.moments import when
from bwvdock.cli.output.entry_sentences import happened
from bwvdock.cli.statement.faults import KnownFaults
from bwvdock.cli.statement.subject import ATTRIBUTING, Matter, Subject, matter_of, numbers
from bwvdock.cli.statement.values import Section, Sentence, Table
from bwvdock.core.custody.records import Entry
from bwvdock.core.custody.story import NOT_IN_VERSION_1

TROUBLE = (Matter.ERROR, Matter.RETRY, Matter.RESTART, Matter.OUTAGE, Matter.ACT)


def what_it_is(subject: Subject) -> Section:
    """Return what the clip is, according to its entries."""
    return Section(heading="What it is", properties=list(_properties(subject)))


def _properties(subject: Subject) -> Iterator[tuple[str, Sentence]]:
    clip, found, acquired = subject.clip, subject.last("clip_found"), subject.last("clip_acquired")
    yield "Clip", Sentence(f"{clip.id} (the dock's own number)", numbers([found]))
    yield (
        "Camera",
        Sentence(f"serial {clip.camera or '(erased)'}, as the camera reported it", numbers([found])),
    )
    for number, (path, size, sha256) in enumerate(subject.parts()):
        name = "Footage" if number == 0 else f"Sidecar {number}"
        told = f"{path} on the camera; {size:,} bytes as received, SHA-256 {sha256}"
        yield name, Sentence(told, numbers([found, acquired]))
    if acquired is None:
        yield "Footage", Sentence("not received by this dock", numbers([found]))
    else:
        yield (
            "Received",
            Sentence(
                f"{when(acquired.time)}, by the dock's clock, in docking {acquired.data['docking']}",
                numbers([acquired]),
            ),
        )
    if compared := _compared(subject):
        yield "Attested by the camera", Sentence(happened(compared), numbers([compared]))
    if dated := subject.last("clip_dated"):
        yield "Dated", Sentence(happened(dated), numbers([dated]))
    if attributed := subject.last_of(*ATTRIBUTING):
        assigned = subject.last("camera_assigned", lambda one: one.seq <= attributed.seq)
        yield (
            "Officer",
            Sentence(happened(attributed, subject.story.whole()), numbers([assigned, attributed])),
        )
    yield from _marks(subject)
    for receipt in clip.receipts:
        proof = subject.last("clip_verified", partial(_at, receipt.destination))
        told = (
            f"{receipt.object} at {receipt.destination}: found to have the SHA-256 {receipt.sha256}, by "
            f"{receipt.method}, {when(receipt.received_at)}"
        )
        yield "Copy", Sentence(told, numbers([proof]))


def _at(destination: str, entry: Entry) -> bool:
    return bool(entry.data["destination"] == destination)


_HOLDS = ("clip_held", "clip_unheld", "clip_hold_matched", "clip_hold_over", "clip_hold_excepted")


def _compared(subject: Subject) -> Entry | None:
    """Return how the copy that was acquired last compares with the camera's own digests."""
    acquired = subject.last("clip_acquired")
    return acquired and subject.last("camera_digest_compared", lambda one: one.seq > acquired.seq)


def _marks(subject: Subject) -> Iterator[tuple[str, Sentence]]:
    clip, found = subject.clip, subject.last("clip_found")
    flagged = max(
        numbers([subject.last("clip_flagged"), subject.last("clip_unflagged"), found]), default=None
    )
    case = f", case {clip.case}" if clip.case else ""
    marked = f"marked as evidence{case}" if clip.evidential else "not marked as evidence"
    yield "Evidence", Sentence(marked, () if flagged is None else (flagged,))
    held = max(numbers([subject.last(kind) for kind in _HOLDS]), default=None)
    if held is not None:
        yield "Hold", Sentence("on hold" if clip.held else "not on hold", (held,))


def what_was_observed(subject: Subject) -> Section:
    """Return the clip's way, with who observed each step."""
    rows = subject.rows(Matter.CUSTODY)
    caption = "Each step that the journal records, who observed it, and the number of its entry"
    return Section(heading="What was observed, and by whom", tables=[Table(caption=caption, rows=rows)])


def what_went_wrong(subject: Subject) -> Section:
    """Return every error, retry, restart, outage and operator's act while the clip was in this dock."""
    entries = subject.entries(*TROUBLE)
    counts = Counter(matter_of(entry) for entry in entries)
    first = subject.story.own[0].seq
    told = [
        Sentence(
            "Number of entries from the one that records the finding of the clip until no copy was left in "
            "this dock, or until this report was made: "
            + "; ".join(f"{matter}: {counts[matter] or 'none'}" for matter in TROUBLE)
            + ".",
            (first, *numbers(entries)) if len(entries) <= 12 else (first,),
        )
    ]
    if subject.story.by_earlier_version:
        told.append(
            Sentence(f"The version of bwvdock that ran at first did not record {NOT_IN_VERSION_1}.", (first,))
        )
    if finding := subject.clip.last_verification:
        told.append(
            Sentence(
                f"The verification of {when(finding.at)} found this wrong with the clip: "
                f"{'; '.join(finding.problems)}. That is noted beside the journal and no entry of it; it is "
                "said until a verification of the same finds nothing wrong."
            )
        )
    caption = "Every error, retry, start and stop, outage and act of an operator in this dock's hands"
    rows = subject.rows(*TROUBLE)
    tables = [Table(caption=caption, rows=rows)] if rows else []
    return Section(
        heading="Errors, retries, restarts, outages and acts of operators", sentences=told, tables=tables
    )


def who_looked(subject: Subject) -> Section:
    """Return who consulted, exported, disclosed or drew the clip; this report is one of the consultations."""
    rows = subject.rows(Matter.CONSULTATION)
    caption = "Consultations, exports, disclosures and draws that name the clip"
    told = (
        []
        if rows
        else [Sentence("The journal has no consultation, export, disclosure or draw that names the clip.")]
    )
    tables = [Table(caption=caption, rows=rows)] if rows else []
    return Section(heading="Who looked at it", sentences=told, tables=tables)


def faults_of(subject: Subject, known: KnownFaults) -> Section:
    """Return the known faults of the versions that ran while the clip was in the dock."""
    versions = subject.versions()
    entries = tuple(sorted(seq for seqs in versions.values() for seq in seqs))
    names = ", ".join(sorted(versions)) or "unknown"
    ran = Sentence(f"The dock ran bwvdock {names}.", entries)
    faults = [
        Sentence(
            f"Known since {fault.known_since}, in {', '.join(fault.versions)}: {fault.what} {fault.effect}"
        )
        for fault in known.of(versions)
    ]
    if not faults:
        faults = [Sentence(f"Faults of this version: none known to us on {known.reviewed}.")]
    return Section(heading="Known faults of the software", sentences=[ran, *faults])


NOT_CLAIMED = (
    (
        "The digests were taken as the files were received from the camera: the footage is reported as "
        "received. This report says nothing about how, when or by whom it was recorded, or what became "
        "of it before."
    ),
    (
        "The camera's serial, the time of its clock and the times of its files are what the camera "
        "reported. The dock did not check them, but where an entry says so."
    ),
    (
        "The officer is the one to whom the camera was assigned for that time, according to the "
        "assignment that was entered. Nobody observed who wore the camera."
    ),
    (
        "A digest or a signature that a camera keeps with its footage says what the camera stated when it "
        "wrote it. That it matches does not show that nothing was changed before: who could change the "
        "footage on the camera could change the digest too."
    ),
    (
        "Times of entries are those of the dock's own clock. Where an entry says that it was not "
        "synchronised, or jumped, they may be wrong."
    ),
    (
        "That a copy was found to have the digest holds for the moment of that entry and the method "
        "that it names. Nothing is said about the copy after that."
    ),
    (
        "An absent entry does not show that nothing happened. What the dock could not record, as after "
        "a loss of power, is not in its journal."
    ),
    (
        "For this report the journal was not verified and not compared with a checkpoint outside the "
        "dock: `bwvdock custody verify` and `bwvdock-verify` do that."
    ),
)


def what_is_not_claimed() -> Section:
    """Return what the report does not say, whatever a reader may think."""
    return Section(heading="What is not claimed", sentences=[Sentence(text) for text in NOT_CLAIMED])
