"""What do a store's headers mean? Whatever they contain, nothing here fails: each gives a value or none."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from bwvdock.core.media.names import escape

MOST_WAIT = 3600.0  # seconds that a Retry-After is believed
_MOST_URL = 8 * 1024
_MOST_WORDS = 200
_FAR_APART = 300.0  # seconds between two clocks; S3 bears 900, tokens often less
_FRACTION = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}")
_NUMBER = re.compile(r"[0-9]{1,18}")
_OF_A_URL = "!#$%&'()*+,-./:;=?@[]_~"


def number(text: str) -> int | None:
    """Read a count; None where it is none: digits of ASCII, at most 18."""
    return int(text.strip()) if _NUMBER.fullmatch(text.strip()) else None


def moment(text: str) -> datetime | None:
    """Read a date of HTTP or of a mail, in UTC; None where it is none, or beyond what a clock can show."""
    try:
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None


def wait(retry_after: str, date: str, *, now: datetime, fractions: bool = False) -> float:
    """Read for how many seconds a store wants to be left alone (RFC 9110, section 10.2.3), 0 to an hour.

    A date is compared with the store's own clock, if it shows it: ours may be wrong.

    Args:
        retry_after: the header.
        date: the header with the store's clock.
        now: our clock.
        fractions: whether a fraction of a second is one: there are S3 stores that ask for that.
    """
    if fractions and _FRACTION.fullmatch(retry_after):
        return min(float(retry_after), MOST_WAIT)
    if (seconds := number(retry_after)) is not None:
        return min(float(seconds), MOST_WAIT)
    if (until := moment(retry_after)) is None:
        return 0.0
    return min(max((until - (moment(date) or now)).total_seconds(), 0.0), MOST_WAIT)


def clocks_apart(date: str, *, now: datetime) -> str:
    """Return both times where a store's clock and ours are minutes apart; "" where they are not."""
    theirs = moment(date)
    if theirs is None or abs((theirs - now).total_seconds()) < _FAR_APART:
        return ""
    shown = (clock.strftime("%Y-%m-%d %H:%M:%S UTC") for clock in (now, theirs))
    return "this dock's clock says {}, the store's {}".format(*shown)


def within(url: str, location: str) -> str:
    """Return where a Location leads, with scheme, host and port of `url` whatever it says; "" for nowhere.

    A Location is absolute, relative or without a scheme; behind a proxy it may name http:// or a host that
    only the proxy knows. Secrets and footage go nowhere but where the configuration says.
    """
    parts = _joined(url, location)
    if parts is None or not parts[2]:
        return ""
    scheme, host, *_ = urlsplit(url)
    found = urlunsplit((scheme, host, _printable(parts[2]), _printable(parts[3]), ""))
    return found if len(found) <= _MOST_URL else ""


def onward(url: str, location: str) -> str | None:
    """Return where a redirect leads within the origin of `url`; None where it leads elsewhere, or nowhere."""
    parts = _joined(url, location)
    return within(url, location) or None if parts is not None and parts[:2] == urlsplit(url)[:2] else None


def words(text: str, most: int = _MOST_WORDS) -> str:
    """Return what a store said, harmless to a terminal and a log, and not too long."""
    shown = escape(text[:most].encode("utf-8", "replace"))[:most]
    return "".join(character if character.isprintable() else " " for character in shown)


def _joined(url: str, location: str) -> tuple[str, str, str, str] | None:
    if not location.strip():
        return None
    try:
        scheme, host, path, query, _ = urlsplit(urljoin(url, location.strip()))
    except ValueError:
        return None
    return scheme, host, path, query


def _printable(part: str) -> str:
    """Return a path or a query in printable ASCII; headers have a character for each byte."""
    try:
        raw = part.encode("latin-1")
    except UnicodeEncodeError:
        raw = part.encode("utf-8", "replace")
    return quote(raw, safe=_OF_A_URL)
