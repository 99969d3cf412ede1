"""What do the headers of a tus server mean? Pure reading; no header makes it fail."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit, urlunsplit

from bwvdock.edges.destinations.http import Answer

VERSION = "1.0.0"
MOST_METADATA = 4096  # bytes of the header: what the strictest server that we know takes
MOST_WAIT = 3600.0  # seconds that a Retry-After is believed
_NUMBER = re.compile(r"[0-9]{1,18}")
_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]+")  # ASCII, no space, no comma
_DISPENSABLE_BYTES = 64  # a longer value may go when the header has no room


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """What a server says that it can do; `most_bytes` of one upload, or None."""

    extensions: frozenset[str] = frozenset()
    algorithms: frozenset[str] = frozenset()
    most_bytes: int | None = None

    @property
    def sha256(self) -> bool:
        """Whether it says that it compares SHA-256 digests."""
        return "checksum" in self.extensions and "sha256" in self.algorithms

    @property
    def termination(self) -> bool:
        """Whether uploads can be removed."""
        return "termination" in self.extensions


def offer(answer: Answer) -> Offer:
    """Read the answer to OPTIONS."""
    return Offer(
        extensions=_list(answer, "Tus-Extension"),
        algorithms=_list(answer, "Tus-Checksum-Algorithm"),
        most_bytes=number(answer, "Tus-Max-Size") or None,
    )


def speaks_tus(answer: Answer) -> bool:
    """Return whether a tus server of our version answered, and not a proxy before it."""
    said = answer.headers.get("Tus-Resumable", "") or answer.headers.get("Tus-Version", "")
    return VERSION in {version.strip() for version in said.split(",")}


def number(answer: Answer, header: str) -> int | None:
    """Read a count of bytes; None where there is none, or no number."""
    text = answer.headers.get(header, "").strip()
    return int(text) if _NUMBER.fullmatch(text) else None


def upload_url(endpoint: str, location: str) -> str:
    """Return the URL of a new upload, with the endpoint's own scheme, host and port; "" if there is none.

    A Location is absolute, relative or without a scheme; behind a proxy it may name http:// or a host that
    only the proxy knows. Secrets and footage go nowhere but where the configuration says.
    """
    if not location.strip():
        return ""
    try:
        found = urlsplit(urljoin(endpoint, location.strip()))
    except ValueError:
        return ""
    scheme, host, *_ = urlsplit(endpoint)
    return urlunsplit((scheme, host, found.path, found.query, "")) if found.path else ""


def path_of(url: str) -> str:
    """Return the path by which the journal names an upload: a query may hold a secret."""
    return urlsplit(url).path


def retry_after(answer: Answer, *, now: datetime) -> float:
    """Read for how many seconds a server wants to be left alone (RFC 9110, section 10.2.3), 0 to an hour.

    A date is compared with the server's own clock, if it shows one: ours may be wrong.
    """
    text = answer.headers.get("Retry-After", "").strip()
    if _NUMBER.fullmatch(text):
        return min(float(text), MOST_WAIT)
    until = _date(text)
    if until is None:
        return 0.0
    since = _date(answer.headers.get("Date", "")) or now
    return min(max((until - since).total_seconds(), 0.0), MOST_WAIT)


def metadata(pairs: Mapping[str, str]) -> str:
    """Return Upload-Metadata: ASCII keys, values in base64 of UTF-8; "" where there is nothing to say.

    What would make the header longer than servers take is left out, longest first.
    """
    told = {key: value for key, value in pairs.items() if _KEY.fullmatch(key)}
    while len(text := _encoded(told)) > MOST_METADATA:
        longest = max(told, key=lambda key: len(told[key].encode("utf-8", "replace")))
        if len(told[longest]) <= _DISPENSABLE_BYTES:
            break
        del told[longest]
    return text


def checksum(sha256_hex: str) -> str:
    """Return Upload-Checksum for a digest."""
    return f"sha256 {b64encode(bytes.fromhex(sha256_hex)).decode()}"


def _encoded(pairs: Mapping[str, str]) -> str:
    values = ((key, b64encode(value.encode("utf-8", "replace")).decode()) for key, value in pairs.items())
    return ",".join(f"{key} {value}".strip() for key, value in values)


def _list(answer: Answer, header: str) -> frozenset[str]:
    return frozenset(word.strip().lower() for word in answer.headers.get(header, "").split(",")) - {""}


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
