"""From when until when is a server's certificate valid, and do stricter rules accept it?

Python says of a certificate that was not accepted only that it was not. So the server is asked for it once
more, on a connection on which nothing else is sent, and its two dates are read from it.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from bwvdock.edges.destinations.header_values import words
from bwvdock.edges.destinations.proxy import Proxy
from bwvdock.errors import DestinationUnavailableError

_SEQUENCE, _UTC_TIME, _TIME = 0x30, 0x17, 0x18
_EXPIRED, _NOT_YET = 10, 9  # X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID
_MOST = 64 * 1024  # bytes of one certificate

Dates = tuple[datetime, datetime]


def in_words(
    error: ssl.SSLCertVerificationError,
    host: str,
    port: int,
    *,
    seconds: float,
    now: datetime,
    proxy: Proxy | None = None,
) -> str:
    """Return what is wrong with the dates of a server's certificate; "" where they are not what is wrong.

    Args:
        error: what was said of it.
        host: the server's.
        port: the server's.
        seconds: for asking it once more.
        now: this dock's clock.
        proxy: through which it is reached.
    """
    if error.verify_code not in {_EXPIRED, _NOT_YET}:
        return ""
    what = "has expired" if error.verify_code == _EXPIRED else "is not valid yet"
    clock = f"this dock's clock says {_day(now)}"
    found = shown_by(host, port, seconds, proxy)
    if found is None or not _bears_out(error.verify_code, found, now):  # another one of its chain is the one
        return f"a certificate that it shows {what}; {clock}"
    return f"its certificate {what}: it is valid from {_day(found[0])} to {_day(found[1])}, and {clock}"


def shown_by(host: str, port: int, seconds: float, proxy: Proxy | None = None) -> Dates | None:
    """Return from when until when a server's certificate is valid; None where that is not seen."""
    with suppress(OSError, ValueError, DestinationUnavailableError):
        return dates(_asked_for(host, port, seconds, proxy))
    return None


def refused_by_rfc_5280(
    host: str, port: int, seconds: float, context: ssl.SSLContext, proxy: Proxy | None = None
) -> str:
    """Return why strict rules refuse a server's certificate; "" if they do not, or where it was not seen.

    Python 3.13 applies them by default (VERIFY_X509_STRICT); Debian 12's Python does not.

    Args:
        host: the server's.
        port: the server's.
        seconds: for asking it once more.
        context: whom we trust; it is made strict.
        proxy: through which it is reached.
    """
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    try:
        with (
            _connected(host, port, seconds, proxy) as plain,
            context.wrap_socket(plain, server_hostname=host),
        ):
            return ""
    except ssl.SSLCertVerificationError as error:
        return words(error.verify_message)
    except (OSError, ValueError, DestinationUnavailableError):
        return ""


def _bears_out(code: int, dates: Dates, now: datetime) -> bool:
    """Return whether a certificate's own dates show what was said of one that was shown."""
    return dates[1] < now if code == _EXPIRED else now < dates[0]


def dates(der: bytes) -> Dates | None:
    """Return from when until when a certificate is valid; None where that cannot be read from these bytes."""
    with suppress(ValueError, IndexError, StopIteration):
        to_be_signed = _inside(_inside(der[:_MOST]))
        for tag, content in _elements(to_be_signed):
            if tag == _SEQUENCE and (found := _two_times(content)) is not None:
                return found
    return None


def _two_times(content: bytes) -> Dates | None:
    times = [_moment(tag, text) for tag, text in _elements(content) if tag in {_UTC_TIME, _TIME}]
    return (times[0], times[1]) if len(times) == 2 else None


def _moment(tag: int, text: bytes) -> datetime:
    digits = text.decode("ascii").removesuffix("Z")
    if tag == _UTC_TIME:  # RFC 5280, 4.1.2.5.1: two digits of a year, from 1950 on
        digits = ("19" if digits[:2] >= "50" else "20") + digits
    return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _inside(der: bytes) -> bytes:
    """Return the content of the first element."""
    return next(_elements(der))[1]


def _elements(der: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(der):
        tag, length, at = der[at], der[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(der[at : at + size], "big"), at + size
        yield tag, der[at : at + length]
        at += length


def _asked_for(host: str, port: int, seconds: float, proxy: Proxy | None) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # it is looked at, and nothing is said to it
    with (
        _connected(host, port, seconds, proxy) as plain,
        context.wrap_socket(plain, server_hostname=host) as connected,
    ):
        return connected.getpeercert(binary_form=True) or b""


def _connected(host: str, port: int, seconds: float, proxy: Proxy | None) -> socket.socket:
    if proxy is None:
        return socket.create_connection((host, port), seconds)
    made = proxy.tunnel(host, port, connect=seconds, answer=seconds)
    made.settimeout(seconds)
    return made


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
