"""What do the headers of a tus server mean? Pure reading; no header makes it fail."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from bwvdock.edges.destinations import header_values
from bwvdock.edges.destinations.connections import Headers
from bwvdock.edges.destinations.http import Answer

VERSION = "1.0.0"
MOST_METADATA = 4096  # bytes of the header: what the strictest server that we know takes
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
    def at_once(self) -> bool:
        """Whether it says that an upload may be made with its bytes."""
        return "creation-with-upload" in self.extensions

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
    """Return whether a tus server of our version answered, and not something in front of it."""
    said = answer.said("Tus-Resumable") or answer.said("Tus-Version")
    return VERSION in {version.strip() for version in said.split(",")}


def number(answer: Answer, header: str) -> int | None:
    """Read a count of bytes; None where there is none, or no number."""
    return header_values.number(answer.said(header))


def length(headers: Headers) -> int | None:
    """Read how long an answer's body is said to be."""
    return header_values.number(headers.said("Content-Length"))


def upload_url(endpoint: str, location: str) -> str:
    """Return the URL of a new upload, with the endpoint's own scheme, host and port; "" if there is none."""
    return header_values.within(endpoint, location)


def path_of(url: str) -> str:
    """Return the path by which the journal names an upload: a query may hold a secret."""
    return urlsplit(url).path


def retry_after(answer: Answer, *, now: datetime) -> float:
    """Read for how many seconds a server wants to be left alone (RFC 9110, section 10.2.3), 0 to an hour.

    A date is compared with the server's own clock, if it shows one: ours may be wrong.
    """
    said = answer.said
    return header_values.wait(said("Retry-After"), said("Date"), now=now)


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
    return frozenset(word.strip().lower() for word in answer.said(header).split(",")) - {""}
