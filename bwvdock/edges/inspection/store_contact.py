"""What does a store show to somebody who has no secret: its certificate, its clock, that it answers?

Nothing secret is sent, but to a proxy. The dock's own authorities and client certificate are used where they
may be read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bwvdock.edges.credentials import read_secret
from bwvdock.errors import NotSeenError, words_of

if TYPE_CHECKING:  # HTTP and TLS take 5 MB, for stores on the network alone
    from bwvdock.edges.destinations.access import Access

_MOST_BYTES = 64 * 1024  # of a certificate
_SECONDS = 5.0  # for each of connecting, waiting and reading
_HTTPS = 443


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """What a store showed.

    `status` is of its answer, whatever it is. `ahead_seconds` is how far its clock is ahead of this
    machine's, by the header Date, to the second; None where it sent none. `valid_until` is when its
    certificate ends; None without TLS, or where that cannot be read. `refused_later` is why Python 3.13 and
    later will refuse that certificate; "" if they will not, or where that was not seen.
    """

    status: int
    ahead_seconds: float | None = None
    valid_until: datetime | None = None
    refused_later: str = ""


def contact(
    url: str, access: Access, *, name: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Contact:
    """Ask a store for nothing, and return what it showed.

    Args:
        url: of the store.
        access: whose authorities we trust, and through which proxy; without the store's secrets.
        name: of the destination, as the configuration has it.
        now: this machine's clock.

    Raises:
        DestinationUnavailableError: it cannot be reached, or is not who it should be.
        AccessDeniedError: a certificate of ours cannot be used.
    """
    from bwvdock.edges.destinations.connections import Patience  # noqa: PLC0415 - as above
    from bwvdock.edges.destinations.http import Web  # noqa: PLC0415

    patience = Patience(connect=_SECONDS, stall=_SECONDS, answer=_SECONDS, proxy=_SECONDS)
    web = Web(url, access, name=name, patience=patience, now=now)
    try:
        reply = web.send("HEAD", url, {})
        received = now()
        date, status = reply.headers.said("Date"), reply.status
        reply.close()
    finally:
        web.close()
    until, refused = _of_certificate(url, access, name)
    ahead = _ahead(date, received)
    return Contact(status=status, ahead_seconds=ahead, valid_until=until, refused_later=refused)


def end_of_certificate(path: Path) -> datetime | None:
    """Return when the first certificate in a PEM file ends; None where that cannot be read from it.

    Raises:
        NotSeenError: this user may not read the file, or it is not there.
    """
    import ssl  # noqa: PLC0415 - as above

    from bwvdock.edges.destinations import certificates  # noqa: PLC0415

    try:
        text = read_secret(path, _MOST_BYTES).decode("ascii", "replace")
        begin, end = text.index(ssl.PEM_HEADER), text.index(ssl.PEM_FOOTER)
        found = certificates.dates(ssl.PEM_cert_to_DER_cert(text[begin : end + len(ssl.PEM_FOOTER)]))
    except OSError as error:
        raise NotSeenError(
            f"{path} cannot be read: {words_of(error)}", remedy="sudo bwvdock doctor"
        ) from error
    except ValueError:
        return None
    return found[1] if found else None


def _ahead(date: str, received: datetime) -> float | None:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - as above

    try:
        said = parsedate_to_datetime(date)
    except (ValueError, TypeError):
        return None
    return (said if said.tzinfo else said.replace(tzinfo=UTC)).timestamp() - int(received.timestamp())


def _of_certificate(url: str, access: Access, name: str) -> tuple[datetime | None, str]:
    where = urlsplit(url)
    if where.scheme != "https":
        return None, ""
    from bwvdock.edges.destinations import certificates  # noqa: PLC0415 - as above
    from bwvdock.edges.destinations.access import AccessFiles  # noqa: PLC0415

    files, host, port = AccessFiles(access, name), where.hostname or "", where.port or _HTTPS
    proxy = files.proxy()
    found = certificates.shown_by(host, port, _SECONDS, proxy)
    refused = certificates.refused_by_rfc_5280(host, port, _SECONDS, files.context(plain=False), proxy)
    return found[1] if found else None, refused
