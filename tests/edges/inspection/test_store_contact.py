"""Does a store show its certificate and its clock to somebody who has no secret?"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from bwvdock.edges.destinations.access import Access
from bwvdock.edges.inspection.store_contact import contact, end_of_certificate
from bwvdock.errors import DestinationUnavailableError, NotSeenError
from tests.servers.lying import Answer, LyingServer, Request
from tests.servers.tls import Authority, server_context

NOW = datetime(2026, 3, 14, 6, 30, tzinfo=UTC)


class Server(LyingServer):
    """Answers every request with a status and a date."""

    date: str = format_datetime(NOW, usegmt=True)
    status: int = 401

    def answer(self, request: Request) -> Answer:
        return Answer(self.status, {"Date": self.date})


@pytest.mark.parametrize("ahead", [0, 3600, -120])
def test_the_clock_of_a_store_is_compared_with_this_machine_s(ahead: int) -> None:
    with Server() as server:
        server.date = format_datetime(NOW + timedelta(seconds=ahead), usegmt=True)
        found = contact(f"{server.url}/files/", Access(), name="county", now=lambda: NOW)
        [request] = server.requests
    assert (found.status, found.ahead_seconds, found.valid_until) == (401, ahead, None)
    assert request.method == "HEAD"
    assert not {"authorization", "cookie"} & set(request.headers)


def test_a_redirect_is_an_answer_like_any_other() -> None:
    with Server() as server:
        server.status = 307
        assert contact(server.url, Access(), name="county").status == 307


def test_nobody_there_is_said_in_words() -> None:
    with Server() as server:
        url = server.url
    with pytest.raises(DestinationUnavailableError, match="connection refused"):
        contact(url, Access(), name="county")


def test_a_certificate_s_end_is_not_known_where_there_is_none(tmp_path: Path) -> None:
    for text in ("", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        (tmp_path / "own.pem").write_text(text)
        assert end_of_certificate(tmp_path / "own.pem") is None
    with pytest.raises(NotSeenError):
        end_of_certificate(tmp_path / "gone.pem")


@pytest.mark.slow
def test_a_certificate_says_until_when_it_is_valid(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with Server(tls=server_context(authority.sign("store", days=9))) as server:
        found = contact(server.url, Access(ca_file=str(authority.ca_file)), name="county")
        with pytest.raises(DestinationUnavailableError, match=r"not trusted|self-signed"):
            contact(server.url, Access(), name="county")
    assert found.valid_until is not None
    assert end_of_certificate(tmp_path / "store.pem") == found.valid_until
    left = found.valid_until - datetime.now(UTC)
    assert timedelta(days=8, hours=23) < left <= timedelta(days=9)


@pytest.mark.slow
@pytest.mark.parametrize("key_usage", [True, False])
def test_an_authority_that_a_later_python_refuses_is_named_before_it_is(
    tmp_path: Path, *, key_usage: bool
) -> None:
    authority = Authority(tmp_path, key_usage=key_usage)
    accepts = Access(ca_file=str(authority.ca_file))
    with Server(tls=server_context(authority.sign("store"))) as server:
        if sys.version_info >= (3, 13) and not key_usage:
            with pytest.raises(DestinationUnavailableError, match="key usage") as refused:
                contact(server.url, accepts, name="county")
            assert "keyCertSign" in refused.value.remedy
        else:
            found = contact(server.url, accepts, name="county")
            assert ("key usage" in found.refused_later) is not key_usage
            assert (found.refused_later == "") is key_usage
