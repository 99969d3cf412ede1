"""What is a report about? One clip's row and story, sorted by what a court asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bwvdock.cli.moments import when
from bwvdock.cli.output.entry_sentences import happened
from bwvdock.cli.output.texts import person
from bwvdock.cli.statement.values import Row
from bwvdock.core.clips.proof import ProofMethod
from bwvdock.core.custody.records import ClipRow, Entry
from bwvdock.core.custody.story import NAMING, OF_ITS_HOLDS, OF_ITS_VALUES, Story
from bwvdock.core.facts.comparing import DIFFERS


class Matter(StrEnum):
    """What an entry of the story is about."""

    CUSTODY = "custody"
    ERROR = "errors and refusals"
    RETRY = "retries"
    RESTART = "starts and stops"
    OUTAGE = "outages"
    ACT = "acts of operators"
    CONSULTATION = "consultations and exports"


_MATTERS = {
    **dict.fromkeys(
        (
            "clip_quarantined",
            "clip_skipped",
            "delivery_refused",
            "document_refused",
            "camera_refused",
            "dock_clock_seen",
            "destination_assessed",
            "journal_not_as_witnessed",
            "journal_as_witnessed",
            "log_key_new",
            "signer_forgot",
        ),
        Matter.ERROR,
    ),
    **dict.fromkeys(("upload_attempts", "clip_recalled", "clip_retried", "delivery_resumed"), Matter.RETRY),
    **dict.fromkeys(
        ("dock_started", "dock_stopped", "unclean_start", "dock_initialised", "journal_succeeded"),
        Matter.RESTART,
    ),
    **dict.fromkeys(("store_lost", "store_back"), Matter.OUTAGE),
    **dict.fromkeys(
        (
            "dock_paused",
            "dock_resumed",
            "config_reloaded",
            "camera_enrolled",
            "camera_revoked",
            "camera_assigned",
            "clip_flagged",
            "clip_unflagged",
            "clip_held",
            "clip_unheld",
            "clip_hold_matched",
            "clip_hold_over",
            "clip_hold_excepted",
            "clip_hurried",
            "attribution_disputed",
            "attribution_upheld",
            "clip_classified",
            "copy_withdrawn",
            "restore_intended",
            "clip_restored",
            "disposal_noticed",
        ),
        Matter.ACT,
    ),
    **dict.fromkeys((*OF_ITS_VALUES, *OF_ITS_HOLDS), Matter.ACT),
    **dict.fromkeys(NAMING, Matter.CONSULTATION),
}

ATTRIBUTING = ("clip_attributed", "attribution_disputed", "attribution_upheld")
"""The kinds of entries that say to whom the clip is attributed: the last one counts."""

_BY_CAMERA = frozenset({"camera_identified", "camera_clock_read", "camera_battery_read"})
_BY_STORE = frozenset({ProofMethod.STORE_COMPUTED, ProofMethod.PIECES_CHECKED})


def _is_partial(entry: Entry) -> bool:
    """Return whether an entry about the clip's way says that something went wrong."""
    data = entry.data
    match entry.kind:
        case "clip_acquired":
            return any(part["resumed_at"] for part in data["parts"])
        case "camera_officer_differs":
            return True
        case "unlock_ended" | "clock_set_ended":
            return bool(data.get("failure"))
        case "camera_detached":
            return bool(data["residual"])
        case "camera_digest_compared":
            return bool(data["outcome"] == DIFFERS)
        case _:
            return False


def matter_of(entry: Entry) -> Matter:
    """Return what an entry is about."""
    return Matter.ERROR if _is_partial(entry) else _MATTERS.get(entry.kind, Matter.CUSTODY)


def observer(entry: Entry) -> str:
    """Return who observed or did what an entry says."""
    if entry.data.get("actor", "") != "" or "actor" in entry.data:
        return person(entry.data, "actor") or "the dock"
    if entry.kind in _BY_CAMERA:
        return "the camera, to the dock"
    if entry.kind in {"clip_verified", "verified_again"} and entry.data["method"] in _BY_STORE:
        return f"store {entry.data['destination']}, to the dock"
    return "the dock"


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """The clip that a report is about."""

    clip: ClipRow
    story: Story

    def entries(self, *matters: Matter) -> list[Entry]:
        """Return the entries about these matters; those that the story refers to count as custody."""
        before = {entry.seq for entry in self.story.before}
        return [
            entry
            for entry in self.story.whole()
            if (Matter.CUSTODY if self._is_context(entry, before) else matter_of(entry)) in matters
        ]

    def _is_context(self, entry: Entry, before: set[int]) -> bool:
        return entry.seq in before and matter_of(entry) in {Matter.RESTART, Matter.ACT}

    def rows(self, *matters: Matter) -> list[Row]:
        """Return the same as rows of a table."""
        whole = self.story.whole()
        return [
            Row(entry.seq, when(entry.time), observer(entry), happened(entry, whole))
            for entry in self.entries(*matters)
        ]

    def last(self, kind: str, among: Callable[[Entry], bool] = lambda _: True) -> Entry | None:
        """Return the last entry of a kind, if there is one."""
        return next((e for e in reversed(self.story.whole()) if e.kind == kind and among(e)), None)

    def last_of(self, *kinds: str) -> Entry | None:
        """Return the last entry of any of these kinds, if there is one."""
        return next((entry for entry in reversed(self.story.whole()) if entry.kind in kinds), None)

    def versions(self) -> dict[str, tuple[int, ...]]:
        """Return the versions of bwvdock that ran meanwhile, and the entries that say so."""
        ran: dict[str, tuple[int, ...]] = {}
        for entry in self.story.whole():
            if entry.kind == "dock_started":
                version = str(entry.data["version"])
                ran[version] = (*ran.get(version, ()), entry.seq)
        return ran

    def parts(self) -> Iterator[tuple[str, int, str]]:
        """Return the name on the camera, the size and the digest of each file, as acquired last."""
        found, acquired = self.last("clip_found"), self.last("clip_acquired")
        if found is None or acquired is None:
            return
        for file, part in zip(found.data["files"], acquired.data["parts"], strict=False):
            yield file["path"] or "(erased)", part["size"], part["sha256"]


def numbers(entries: Sequence[Entry | None]) -> tuple[int, ...]:
    """Return the numbers of the entries that there are."""
    return tuple(entry.seq for entry in entries if entry is not None)
