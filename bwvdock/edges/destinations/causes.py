"""What stopped a connection to a store, in words, and what is to be done about it?

Python names its own classes and OpenSSL its source lines: neither helps the person who must act.
"""

from __future__ import annotations

import errno
import http.client
import os
import re
import socket
import ssl
from dataclasses import dataclass

from bwvdock.edges.destinations.header_values import words

_NETWORK = "Check the network, and that the store runs"
_NAME = "Correct the store's address in the configuration, or the dock's name servers"
_ADDRESS = (
    "Correct the store's address in the configuration, or what is in between (a proxy, a captive portal)"
)
_AUTHORITY = "Set `ca_file` to the certificate of the authority that signed the store's certificate"
STRICT = (
    "Have the authority's certificate, or the store's, issued anew by RFC 5280 (an authority has the "
    "extension key usage with keyCertSign, and critical basic constraints), and renew `ca_file`"
)
"""What to do about a certificate that the strict rules refuse which Python 3.13 and later apply."""
_OWN = "Set or renew `client_cert` and `client_key`"
_TLS = "Have the store offer TLS 1.2 or later with ciphers that are still secure"

_SYSTEM = {
    errno.ECONNREFUSED: ("nothing accepts connections there (connection refused)", _NETWORK),
    errno.ECONNRESET: ("the connection was reset", _NETWORK),
    errno.ECONNABORTED: ("the connection was reset", _NETWORK),
    errno.EPIPE: ("the connection was closed while data was sent", _NETWORK),
    errno.EHOSTUNREACH: ("there is no route to it", "Check the dock's network: ip route"),
    errno.ENETUNREACH: ("there is no route to it", "Check the dock's network: ip route"),
    errno.EMFILE: ("the dock has too many files open", "systemctl restart bwvdock; please report it"),
}
_RESOLVER = {
    socket.EAI_NONAME: ("the name servers do not know its name", _NAME),
    socket.EAI_AGAIN: ("the name servers do not answer", "Check the dock's network and name servers"),
}
_CERTIFICATE = {  # of X509_V_ERR_*
    18: "it is self-signed, and `ca_file` does not name it",
    19: "its authority is not trusted here",
    20: "its authority is not trusted here",
    21: "its authority is not trusted here",
    23: "it was revoked",
}
_OTHER_NAME = {62, 64}  # host name, address
_STRICT = range(79, 94)  # X509_V_ERR_INVALID_CA to EXTENSIONS_REQUIRE_VERSION_3: VERIFY_X509_STRICT
_HANDSHAKE = (  # reasons of OpenSSL, the first that fits
    ("CERTIFICATE_REQUIRED", "it asks for a certificate of the dock, and none is configured", _OWN),
    ("UNKNOWN_CA", "it does not trust the authority of the dock's certificate", _OWN),
    ("CERTIFICATE_EXPIRED", "it says that the dock's certificate has expired", _OWN),
    ("ALERT_(BAD_)?CERTIFICATE|CERTIFICATE_UN|CERTIFICATE_REV", "it rejects the dock's certificate", _OWN),
    ("WRONG_VERSION_NUMBER|HTTP_REQUEST|RECORD_LAYER", "what answers there does not use TLS", _ADDRESS),
    ("PROTOCOL|SIGALG|CIPHER|TOO_SMALL|INSUFFICIENT", "it offers no TLS that is still secure", _TLS),
    ("HANDSHAKE_FAILURE", "it ended the TLS handshake", _TLS),
    ("UNRECOGNI[SZ]ED_NAME", "it does not know the name under which it was asked", _ADDRESS),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """What happened, as the end of a sentence, and what to do. `ours`: it rejects the dock's certificate."""

    words: str
    remedy: str
    ours: bool = False


def cause_of(error: Exception) -> Cause:
    """Return what an exception of a connection, a handshake or an answer means; it quotes no URL."""
    if isinstance(error, ssl.SSLError):
        return _of_tls(error)
    if isinstance(error, TimeoutError):
        return Cause(words="it did not answer in time", remedy=_NETWORK)
    if isinstance(error, socket.gaierror):
        what, remedy = _RESOLVER.get(error.errno or 0, ("its name cannot be looked up", _NAME))
        return Cause(words=what, remedy=remedy)
    if what := _of_answer(error):
        return Cause(words=what, remedy=_ADDRESS)
    if isinstance(error, OSError):
        said = words(os.strerror(error.errno)) if error.errno else "the connection failed"
        what, remedy = _SYSTEM.get(error.errno or 0, (said, _NETWORK))
        return Cause(words=what, remedy=remedy)
    return Cause(words="its address or its answer is not valid", remedy=_ADDRESS)


def _of_tls(error: ssl.SSLError) -> Cause:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _of_certificate(error)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Cause(words="it closed the connection during the TLS handshake", remedy=_ADDRESS)
    return _of_handshake(error)


def _of_certificate(error: ssl.SSLCertVerificationError) -> Cause:
    if error.verify_code in _OTHER_NAME:
        what = "its certificate was not accepted: it is for another host name"
        return Cause(words=what, remedy="Use the name in the certificate as the store's address, or renew it")
    why = _CERTIFICATE.get(error.verify_code) or words(error.verify_message)
    remedy = STRICT if error.verify_code in _STRICT else _AUTHORITY
    return Cause(words=f"its certificate was not accepted: {why}", remedy=remedy)


def _of_handshake(error: ssl.SSLError) -> Cause:
    reason = str(getattr(error, "reason", "") or "")  # an error that Python makes itself has none
    said = f"{reason} {error}".upper().replace(" ", "_")
    for pattern, what, remedy in _HANDSHAKE:
        if re.search(pattern, said):
            return Cause(words=what, remedy=remedy, ours=remedy is _OWN)
    why = words(reason.replace("_", " ").lower()) or "no reason given"
    return Cause(words=f"the TLS handshake failed: {why}", remedy=_TLS, ours="ALERT" in said)


def _of_answer(error: Exception) -> str:
    if isinstance(error, http.client.RemoteDisconnected):  # a ConnectionResetError and a BadStatusLine
        return "it closed the connection without an answer"
    if isinstance(error, http.client.IncompleteRead):
        return "its answer ended early"
    if isinstance(error, http.client.BadStatusLine | http.client.UnknownProtocol):
        return "what answers there does not use HTTP"
    return "its answer is not valid HTTP" if isinstance(error, http.client.HTTPException) else ""
