"""Do the certificates for the tests convince whom they should, and nobody else?"""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from tests.servers.lies import TUS_DOWNGRADE
from tests.servers.lying_tus import LyingTus
from tests.servers.tls import Authority, server_context

TUS = {"Tus-Resumable": "1.0.0", "Upload-Length": "1"}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.mark.slow
def test_a_client_that_trusts_the_authority_is_served(authority: Authority) -> None:
    context = server_context(authority.sign("server"))
    with LyingTus(*TUS_DOWNGRADE["15 Location without TLS"], tls=context) as server:
        assert server.url.startswith("https://")
        answer = requests.post(server.url, headers=TUS, verify=str(authority.ca_file), timeout=60)
        assert answer.headers["Location"].startswith("http://")
        with pytest.raises(requests.exceptions.SSLError):
            requests.post(server.url, headers=TUS, timeout=60)


def test_a_server_that_wants_a_client_s_certificate_gets_it_or_serves_nobody(authority: Authority) -> None:
    context = server_context(authority.sign("server"), clients=authority.ca_file)
    client = authority.sign("client")
    with LyingTus(tls=context) as server:
        trusted = str(authority.ca_file)
        shown = (str(client.certificate), str(client.key))
        assert requests.options(server.url, verify=trusted, cert=shown, timeout=60).ok
        with pytest.raises(requests.exceptions.ConnectionError):
            requests.options(server.url, verify=trusted, timeout=60)
