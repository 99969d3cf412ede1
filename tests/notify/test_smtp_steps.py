"""A mail server goes wrong, lies or falls silent at a step of a mail: is a mail taken only if it was?"""

from __future__ import annotations

import socket
import threading

import pytest

from bwvdock.edges.destinations.connections import Patience
from bwvdock.edges.notifying.smtp import Mailbox, SmtpServer
from bwvdock.errors import BwvdockError
from tests.servers.listening import listening

pytestmark = pytest.mark.slow

SHORT = Patience(connect=1.0, stall=0.5, answer=0.5)
STEPS = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "body", "QUIT")
RIGHT = dict.fromkeys(STEPS, b"250 OK\r\n") | {"greeting": b"220 mail.test\r\n", "DATA": b"354 go on\r\n"}
WRONG = {
    "silence": None,
    "it closes": b"",
    "busy": b"421 too busy\r\n",
    "refused for good": b"550 no\r\n",
    "no number": b"yes, of course\r\n",
    "half a line": b"25",
    "a line without end": b"250-" + b"x" * 100_000,
    "another kind of success": b"299 hm\r\n",
    "bytes of no alphabet": b"\xff\xfe\x00\x1b[2J\r\n",
}


def serve(client: socket.socket, ended: threading.Event, wrong: str, says: bytes | None) -> None:
    """Answer each step rightly, but for one of them."""

    def answer(step: str) -> bool:
        """Answer a step; return whether the dialogue goes on."""
        said = says if step == wrong else RIGHT[step]
        if said is None:
            ended.wait()
            return False
        client.sendall(said)
        return bool(said)

    with client, client.makefile("rb") as lines:
        try:
            if not answer("greeting"):
                return
            body = False
            for line in lines:
                word = line[:4].decode("ascii", "replace").strip().upper()
                if body:
                    if line != b".\r\n":
                        continue
                    body, word = False, "body"
                elif word not in STEPS:
                    word = "EHLO"  # HELO, RSET
                body = word == "DATA" and wrong != "DATA"
                if not answer(word):
                    return
        except OSError:  # the dock has hung up
            return


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize("step", STEPS)
def test_a_mail_is_taken_only_if_the_whole_of_it_was(step: str, what: str) -> None:
    with listening(lambda client, ended: serve(client, ended, step, WRONG[what])) as port:
        box = Mailbox(
            host="127.0.0.1", port=port, tls="none", sender="dock@example.org", to=("duty@example.org",)
        )
        sender = SmtpServer(box, None, patience=SHORT)
        if step == "QUIT" or (step, what) == ("EHLO", "another kind of success"):  # the mail was accepted
            assert sender.mail("msg1", "subject", "text") == "accepted for duty@example.org"
            return
        with pytest.raises(BwvdockError) as caught:
            sender.mail("msg1", "subject", "text")
    assert caught.value.remedy
    assert caught.value.message.startswith("mail server 127.0.0.1 ")
    assert "\x1b" not in caught.value.message
