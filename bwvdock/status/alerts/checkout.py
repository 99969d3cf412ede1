"""Which alerts are about cameras that are checked out by badge?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bwvdock.core.visible_text import quoted
from bwvdock.errors import BwvdockError
from bwvdock.status.alerts import Alert, AlertCode

_WHY = {
    "without-badge": "It was offered to nobody",
    "another": "Another camera was offered, after a badge was read",
    "two": "It is one of two that were taken after one badge",
    "not-assigned": "Its assignment could not be recorded",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenOtherwise:
    """A camera that left its bay and is assigned to nobody; `how` is that of its entry, `at` as it has it."""

    camera: str
    bay: str
    how: str
    at: str


def camera_taken_otherwise(taken: Iterable[TakenOtherwise]) -> Iterator[Alert]:
    """Return an alert for each camera that is out and assigned to nobody."""
    for one in taken:
        serial = quoted(one.camera, "SERIAL")
        yield Alert.warning(
            AlertCode.CAMERA_TAKEN_OTHERWISE,
            f"Camera {one.camera} was taken from bay {one.bay} at {one.at}. "
            f"{_WHY.get(one.how, _WHY['another'])}, so its footage will be attributed to nobody.",
            f"Ask who has it; then: bwvdock cameras assign {serial} --officer ID --from {one.at}; or have it "
            "docked",
            subject=one.camera,
        )


def badges_not_read(error: BwvdockError | None) -> Iterator[Alert]:
    """Return an alert if the list of badges could not be read."""
    if error is not None:
        first = error.message.partition("\n")[0].rstrip(".:")
        yield Alert.warning(
            AlertCode.BADGES_NOT_READ,
            f"The list of badges could not be read: {first}. Badges are those that were last read, if any.",
            error.remedy,
        )
