"""How is a time-stamping authority reached? Over HTTP (RFC 3161, section 3.4).

Within the bounds that hold for every store (destinations/http.py). It is sent a digest, and no more.
"""

from __future__ import annotations

from pathlib import Path

from bwvdock.core.custody.time_stamp import MOST_BYTES
from bwvdock.edges.destinations.access import Access
from bwvdock.edges.destinations.connections import Patience
from bwvdock.edges.destinations.http import Web
from bwvdock.errors import DestinationUnavailableError

_PATIENCE = Patience(connect=10.0, stall=20.0, answer=30.0)
_BODY_SECONDS = 10.0


class HttpTimeStamper:
    """An authority at an address (a TimeStamper). Used from one worker's thread."""

    def __init__(
        self, url: str, *, ca_file: str = "", credentials: Path | None = None, patience: Patience = _PATIENCE
    ) -> None:
        """Describe it; nothing is connected yet.

        Args:
            url: where it answers.
            ca_file: the authorities that may vouch for the server, in PEM; "" for the system's.
            credentials: the folder of systemd's credentials: `ca_file` may name one.
            patience: how long to wait for what.
        """
        self._url = url
        access = Access(ca_file=ca_file, credentials=credentials)
        self._web = Web(url, access, name="time-stamping authority", patience=patience)

    def stamp(self, query: bytes) -> bytes:
        """Return the answer to a request."""
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        with self._web.open("POST", self._url, headers, query) as reply:
            body = reply.words(MOST_BYTES + 1, seconds=_BODY_SECONDS)
            status = reply.status
        if status != 200:
            raise DestinationUnavailableError(
                f"The time-stamping authority {self._url} answered with status {status}.",
                remedy="Check timestamp_url under [custody], and the authority's notices",
            )
        return body
