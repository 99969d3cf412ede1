"""Which of the clips that are acquired were received before, from another camera?"""

from __future__ import annotations

from collections import defaultdict

from bwvdock.core.custody.records import Received
from bwvdock.core.facts import AcquiredPart, ClipAcquired, ClipSkipped
from bwvdock.runtime.duplicates import LEAST_BYTES, MANY_CAMERAS, Copied, DuplicateWatch


def copied(clip: str, camera: str, sha256: str = "aa", *, docking: str = "") -> Copied:
    part = AcquiredPart(size=LEAST_BYTES, sha256=sha256, pieces=(sha256,))
    docking = docking or f"d-{camera}"
    fact = ClipAcquired(clip=clip, docking=docking, parts=(part,))
    return Copied(camera=camera, docking=docking, fact=fact)


class Journal:
    """What was received, the first of each camera."""

    def __init__(self) -> None:
        self.rows: defaultdict[str, list[Received]] = defaultdict(list)
        self.watch = DuplicateWatch(lambda sha256: self.rows[sha256])

    def take(self, *of: Copied) -> list[str]:
        """Commit these facts; return the clips that got a note."""
        facts = list(self.watch.noted(of))
        for one in of:
            if isinstance(one.fact, ClipAcquired):
                self.rows[one.fact.parts[0].sha256].append(Received(clip=one.fact.clip, camera=one.camera))
        return [fact.clip for fact in facts if isinstance(fact, ClipAcquired) and fact.notes]


def test_two_cameras_docked_at_once_are_compared_within_one_commit() -> None:
    journal = Journal()
    skipped = Copied(
        camera="B",
        docking="d-B",
        fact=ClipSkipped(docking="d-B", clip="c0", outcome="unreadable", reason="bad"),
    )
    assert journal.take(copied("c1", "A"), skipped, copied("c2", "B"), copied("c3", "B", "bb")) == ["c2"]
    assert (journal.watch.found["B"].clips, journal.watch.found["B"].cameras) == (1, ("A",))
    assert journal.take(copied("c4", "A", "bb")) == ["c4"]
    assert set(journal.watch.found) == {"A", "B"}


def test_a_docking_without_duplicates_ends_the_alert_about_the_one_before() -> None:
    journal = Journal()
    journal.take(copied("c1", "A"))
    assert journal.take(copied("c2", "B"), copied("c3", "B")) == ["c2", "c3"]
    assert journal.watch.found["B"].clips == 2
    journal.take(copied("c4", "B", "bb", docking="d-later"))
    assert journal.watch.found == {}


def test_what_many_cameras_have_was_on_them_when_they_were_delivered() -> None:
    journal = Journal()
    cameras = [f"C{number}" for number in range(MANY_CAMERAS + 2)]
    noted = [journal.take(copied(f"c{number}", camera)) for number, camera in enumerate(cameras)]
    assert noted == [[], *([f"c{number}"] for number in range(1, len(cameras)))], "the entry says it anyway"
    assert list(journal.watch.found) == cameras[1:MANY_CAMERAS]
