"""Which alerts are about copies that stores had proven before?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bwvdock.core.custody.summary import FailedCopies
from bwvdock.errors import BwvdockError
from bwvdock.status.alerts import Alert, AlertCode
from bwvdock.units import format_count

_STAYS = timedelta(days=7)  # after the last was found: somebody must find out why


def copy_lost(destination: str, failed: FailedCopies | None, now: datetime) -> Iterator[Alert]:
    """Return an alert if copies that the destination had proven were found lost or changed.

    An error while it has not proven them anew; a warning for a week after the last was found.
    """
    if failed is None:
        return
    look = (
        "bwvdock report holdings --differences; ask the people who run the store; for one of them: "
        f"bwvdock clips show {failed.clip}"
    )
    if failed.open:
        had = format_count(failed.open, "clip")
        yield Alert.error(
            AlertCode.COPY_LOST,
            f"Destination {destination} had proven its copies of {had}, and was asked again: "
            f"{_kinds(failed)}. They are uploaded again where the dock or another store has a proven copy. "
            f"Clip {failed.clip}.",
            look,
            subject=destination,
        )
    elif failed.proven_anew and now - datetime.fromisoformat(failed.last_at) < _STAYS:
        had = format_count(failed.proven_anew, "clip")
        yield Alert.warning(
            AlertCode.COPY_LOST,
            f"Destination {destination} had lost or changed proven copies of {had} when it was asked again, "
            f"the last at {failed.last_at}. Since then it has proven them anew. Clip {failed.clip}.",
            look,
            subject=destination,
        )


def _kinds(failed: FailedCopies) -> str:
    changed = failed.open - failed.missing
    said = [f"{format_count(failed.missing, 'copy', 'copies')} missing"] if failed.missing else []
    said += [f"{format_count(changed, 'copy', 'copies')} changed"] if changed else []
    return " and ".join(said)


def copies_not_asked(
    destination: str, left: int, error: BwvdockError | None, *, mute: bool
) -> Iterator[Alert]:
    """Return an alert if copies that were due to be asked for again are not: too many, or none can be.

    `error` is why the last one was not; `mute` says that the destination gives nothing back.
    """
    if error is not None:
        nobody = ", so nobody can find out whether it still has what it has proven" if mute else ""
        yield Alert.warning(
            AlertCode.COPIES_NOT_ASKED,
            f"Destination {destination} could not be asked again for what it has proven{nobody}: "
            f"{error.message}",
            f"{error.remedy}\nThe dock asks again by itself".lstrip(),
            subject=destination,
        )
    elif left:
        yield Alert.warning(
            AlertCode.COPIES_NOT_ASKED,
            f"Destination {destination} was due to be asked again for {format_count(left, 'copy', 'copies')} "
            "more than [reverify] per_night allows. They are asked for in the next nights; what was never "
            "asked for is kept here until then.",
            "Raise [reverify] per_night, or every, if it happens each night; then: systemctl restart bwvdock",
            subject=destination,
        )
