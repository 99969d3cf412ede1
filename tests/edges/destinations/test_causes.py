"""Is every failure of a connection told in words that say what to do, and none in the words of a program?"""

from __future__ import annotations

import errno
import http.client
import os
import re
import socket
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.edges.destinations.causes import cause_of


def tls(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] {reason.lower().replace('_', ' ')} (_ssl.c:992)")
    error.reason = reason
    return error


def certificate(code: int, message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, f"[SSL: CERTIFICATE_VERIFY_FAILED] {message} (_ssl.c:992)")
    error.verify_code, error.verify_message = code, message
    return error


CASES = [
    (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "do not know its name", "name servers"),
    (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), "do not answer", "name servers"),
    (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "nothing accepts", "store runs"),
    (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), "was reset", "network"),
    (OSError(errno.EHOSTUNREACH, "No route to host"), "no route", "ip route"),
    (TimeoutError("timed out"), "in time", "network"),
    (http.client.RemoteDisconnected("Remote end closed"), "without an answer", "address"),
    (http.client.BadStatusLine("SSH-2.0-OpenSSH"), "does not use HTTP", "address"),
    (http.client.IncompleteRead(b"", 5), "ended early", "in between"),
    (certificate(18, "self-signed certificate"), "self-signed", "ca_file"),
    (certificate(20, "unable to get local issuer certificate"), "not trusted", "ca_file"),
    (certificate(62, "Hostname mismatch, certificate is not valid for 'x'."), "another host name", "name in"),
    (certificate(64, "IP address mismatch"), "another host name", "name in"),
    (certificate(23, "certificate revoked"), "revoked", "ca_file"),
    (certificate(92, "CA cert does not include key usage extension"), "key usage", "keyCertSign"),
    (tls("WRONG_VERSION_NUMBER"), "does not use TLS", "address"),
    (tls("UNSUPPORTED_PROTOCOL"), "no TLS that is still secure", "TLS 1.2"),
    (tls("TLSV1_ALERT_PROTOCOL_VERSION"), "no TLS that is still secure", "TLS 1.2"),
    (tls("NO_SHARED_CIPHER"), "no TLS that is still secure", "TLS 1.2"),
    (ssl.SSLEOFError(8, "EOF occurred in violation of protocol (_ssl.c:992)"), "closed the conn", "address"),
    (ValueError("Invalid IPv6 URL 'https://[secret'"), "not valid", "address"),
]


@pytest.mark.parametrize("error,what,remedy", CASES)
def test_each_has_its_words_and_its_remedy(error: Exception, what: str, remedy: str) -> None:
    cause = cause_of(error)
    assert what in cause.words
    assert remedy in cause.remedy
    assert not cause.ours


@pytest.mark.parametrize(
    "reason",
    [
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "TLSV1_ALERT_UNKNOWN_CA",
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
    ],
)
def test_what_it_has_against_our_certificate_is_ours_to_mend(reason: str) -> None:
    assert cause_of(tls(reason)).ours
    assert "client_cert" in cause_of(tls(reason)).remedy


ERRORS = st.one_of(
    st.sampled_from([error for error, _, _ in CASES]),
    st.sampled_from(sorted(errno.errorcode)).map(lambda number: OSError(number, os.strerror(number))),
    st.sampled_from(sorted(errno.errorcode)).map(lambda number: socket.gaierror(-number, "unknown")),
    st.text(st.characters(codec="ascii", categories=["Lu"]), min_size=1).map(tls),
    st.builds(certificate, st.integers(0, 100), st.text()),
    st.sampled_from([http.client.HTTPException("x"), http.client.LineTooLong("h"), RuntimeError("x")]),
    st.sampled_from([OSError(), OSError("x"), ssl.SSLError(), EOFError()]),
)


@given(ERRORS)
def test_no_words_of_a_program_reach_a_person(error: Exception) -> None:
    cause = cause_of(error)
    assert cause.remedy
    assert not re.search(r"_ssl\.c|\[SSL|Errno|Error|Exception|Disconnected|StatusLine|://", cause.words)
    assert cause.words.isprintable()
