"""Does a message reach a webhook signed, and is every answer that is none of taking it a failure, soon?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.edges.destinations.access import Access
from bwvdock.edges.destinations.connections import Patience
from bwvdock.edges.notifying.standard_webhooks import read_secrets, signed_headers
from bwvdock.edges.notifying.webhook import HttpWebhook
from bwvdock.errors import (
    AccessDeniedError,
    BwvdockError,
    DestinationError,
    DestinationRefusedError,
    DestinationUnavailableError,
)
from tests.notify.receivers import SECRET, answering, hook
from tests.servers.hostile import BROKEN, LARGE, SLOW, Raw
from tests.servers.tls import Authority, server_context

DOCUMENT = {"id": "msg1", "data": {"message": "café \x1b[2J \u202e"}}
SHORT = Patience(connect=1.0, stall=0.5, answer=0.5)
LONG = Patience(connect=60.0, stall=60.0, answer=60.0)  # a machine under load is no fault of the receiver


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(f"{SECRET}\n")
    return path


def webhook(url: str, secret: Path, patience: Patience = LONG, *, ca_file: str = "") -> HttpWebhook:
    return HttpWebhook(
        url, name="duty", secret_file=str(secret), access=Access(ca_file=ca_file), patience=patience
    )


def refused(url: str, secret: Path, patience: Patience = LONG) -> BwvdockError:
    with pytest.raises(BwvdockError) as caught:
        webhook(url, secret, patience).post("msg1", DOCUMENT)
    assert caught.value.remedy
    return caught.value


def test_the_example_of_the_specification_is_signed_as_there(secret: Path) -> None:
    headers = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', read_secrets(secret)
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_message_is_json_and_signed_and_a_second_attempt_has_its_id(secret: Path) -> None:
    with hook() as receiver:
        receiver.statuses = [500, 200]
        sender = webhook(receiver.url, secret)
        with pytest.raises(DestinationUnavailableError):
            sender.post("msg1", DOCUMENT)
        assert sender.post("msg1", DOCUMENT) == "answered with status 200"
        sender.close()
    first, second = receiver.received
    assert first.document == second.document == DOCUMENT
    assert b"\x1b" not in first.body
    assert "\u202e".encode() not in first.body  # escaped: it would turn a line round
    assert first.headers["content-type"] == "application/json"
    assert (first.headers["webhook-id"], second.headers["webhook-id"]) == ("msg1", "msg1")
    assert first.is_signed()
    assert not first.is_signed("whsec_" + "A" * 32)


def test_while_a_secret_is_replaced_both_sign(secret: Path) -> None:
    new = "whsec_" + "B" * 44
    secret.write_text(f"{new}\n{SECRET}\n")
    with hook() as receiver:
        webhook(receiver.url, secret).post("msg1", DOCUMENT)
    assert receiver.received[0].is_signed(new)
    assert receiver.received[0].is_signed(SECRET)


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"geheim",
        b"whsec_AAAA",
        b"whsec_" + b"A" * 400,
        b"whsec_\xff",
        SECRET.encode() + b"\nx",
    ],
)
def test_what_is_no_secret_is_named_by_its_file_and_not_shown(tmp_path: Path, content: bytes) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_bytes(content)
    with hook() as receiver:
        error = refused(receiver.url, wrong)
        assert receiver.received == []
    assert isinstance(error, AccessDeniedError)
    assert str(wrong) in error.message
    assert not content or content.decode("latin-1") not in error.message


@pytest.mark.slow
def test_a_private_authority_is_believed_where_it_is_named(tmp_path: Path, secret: Path) -> None:
    authority = Authority(tmp_path)
    with hook(server_context(authority.sign("server"))) as receiver:
        webhook(receiver.url, secret, ca_file=str(authority.ca_file)).post("msg1", DOCUMENT)
        assert "ca_file" in refused(receiver.url, secret).remedy
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    "status, kind",
    [
        (400, DestinationRefusedError),
        (413, DestinationRefusedError),
        (401, DestinationUnavailableError),
        (404, DestinationUnavailableError),
        (410, DestinationUnavailableError),
        (301, DestinationUnavailableError),
        (500, DestinationUnavailableError),
    ],
)
def test_a_status_says_whether_the_message_or_the_receiver_is_at_fault(
    secret: Path, status: int, kind: type[DestinationError]
) -> None:
    with hook() as receiver:
        receiver.statuses, receiver.said = [status], b"no \x1b[31mthanks"
        error = refused(receiver.url, secret)
    assert type(error) is kind
    assert f"status {status}" in error.message
    assert "no " in error.message
    assert "\x1b" not in error.message


def test_a_receiver_that_asks_for_time_is_given_it(secret: Path) -> None:
    with hook() as receiver:
        receiver.statuses, receiver.headers = [429], {"Retry-After": "120"}
        error = refused(receiver.url, secret)
    assert isinstance(error, DestinationUnavailableError)
    assert error.retry_after == 120


def test_nothing_is_sent_to_where_a_redirect_leads(secret: Path) -> None:
    with hook() as elsewhere, hook() as receiver:
        for status in (302, 307):
            receiver.statuses, receiver.headers = [status], {"Location": elsewhere.url}
            refused(receiver.url, secret)
        assert elsewhere.received == []


ANSWERS = {**LARGE, **SLOW, **BROKEN}


@pytest.mark.slow
@pytest.mark.parametrize("name", ANSWERS)
def test_whatever_it_answers_is_over_soon(secret: Path, name: str) -> None:
    raw: Raw = ANSWERS[name]
    with answering(raw) as port:
        try:
            said = webhook(f"http://127.0.0.1:{port}/", secret, SHORT).post("msg1", DOCUMENT)
        except DestinationError as error:
            said = error.message
    assert "webhook duty" in said or "answered with status" in said


def test_a_receiver_that_is_not_there_is_named(secret: Path) -> None:
    error = refused("http://127.0.0.1:9/", secret)
    assert error.message.startswith("webhook duty is not available: nothing accepts connections there")
    assert "store" not in error.remedy
