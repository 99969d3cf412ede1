"""Is every mistake in [notify] found, and does what is valid mean what was written?"""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from bwvdock.config.notify.checks import check_notify
from bwvdock.config.notify.targets import Email, Exec, QuietHours, Rules, Webhook
from bwvdock.config.settings import MistakesError
from bwvdock.config.warnings import warnings
from bwvdock.notify.codes import unknown_codes
from tests.config.texts import messages, read

WEBHOOK = """[[notify.webhook]]
name = "hq"
url = "https://hq.example.org/dock"
secret_file = "/etc/bwvdock/hq.secret"
"""
EMAIL = """[[notify.email]]
name = "duty"
host = "mail.example.org"
from = "dock@example.org"
to = ["duty@example.org"]
"""
EXEC = '[[notify.exec]]\nname = "pager"\ncommand = ["/usr/bin/true", "--dock"]\n'


def test_without_the_table_nobody_is_told() -> None:
    assert read("").notify == ()


def test_three_kinds_of_targets() -> None:
    assert read(EXEC + EMAIL + WEBHOOK).notify == (
        Webhook(
            rules=Rules(name="hq"),
            url="https://hq.example.org/dock",
            secret_file=str(Path("/etc/bwvdock/hq.secret")),
        ),
        Email(
            rules=Rules(name="duty"),
            host="mail.example.org",
            port=587,
            tls="starttls",
            sender="dock@example.org",
            to=("duty@example.org",),
        ),
        Exec(rules=Rules(name="pager"), command=("/usr/bin/true", "--dock")),
    )


def test_the_rules_of_a_target() -> None:
    more = (
        'severity = "error"\ncodes = ["spool-full"]\nignore = ["paused"]\ndelay_seconds = 0\n'
        'repeat_hours = 4\nclears = false\nquiet_from = "22:00"\nquiet_to = "06:00"\nquiet_errors = false\n'
    )
    assert read(EXEC + more).notify[0].rules == Rules(
        name="pager",
        severity="error",
        codes=frozenset({"spool-full"}),
        ignore=frozenset({"paused"}),
        delay_seconds=0,
        repeat_hours=4,
        clears=False,
        quiet=QuietHours(start=time(22), end=time(6)),
        quiet_errors=False,
    )


@pytest.mark.parametrize(
    "text, key, what",
    [
        (WEBHOOK + "nmae = 1", "notify.webhook[1].nmae", "unknown key"),
        ("[[notify.webhok]]", "notify.webhok", "unknown key"),
        ("[[notify.webhook]]", "notify.webhook[1].name", "is missing"),
        ("[[notify.email]]", "notify.email[1].to", "is missing"),
        ("[[notify.exec]]", "notify.exec[1].command", "is missing"),
        (WEBHOOK + EXEC.replace("pager", "hq"), "notify.exec[1].name", "another target has the same name"),
        (WEBHOOK.replace("https", "ftp"), "notify.webhook[1].url", "write a URL"),
        (WEBHOOK.replace("//hq", "//me:pw@hq"), "notify.webhook[1].url", "without user and password"),
        (WEBHOOK.replace("/etc", "../etc"), "notify.webhook[1].secret_file", "absolute path"),
        (EXEC + 'quiet_from = "22:00"', "notify.exec[1].quiet_to", "is missing"),
        (EXEC + 'quiet_from = "22:00"\nquiet_to = "22:00"', "notify.exec[1].quiet_to", "at the same time"),
        (EXEC + "repeat_hours = 1000", "notify.exec[1].repeat_hours", "0 to 720"),
        (EXEC + 'codes = ["Spool Full"]', "notify.exec[1].codes", "codes of alerts"),
        (EXEC.replace("/usr/bin/true", "true"), "notify.exec[1].command", "absolute path"),
        (
            EXEC.replace('["/usr/bin/true", "--dock"]', '"/usr/bin/true --dock"'),
            "notify.exec[1].command",
            "a list",
        ),
        (EMAIL + 'user = "dock"', "notify.email[1].user", "useless without password_file"),
        (
            EMAIL + 'tls = "none"\nuser = "d"\npassword_file = "/p"',
            "notify.email[1].password_file",
            "without TLS",
        ),
        (
            EMAIL.replace('"dock@example.org"', '"dock@example.org\\r\\nBcc: x@y.z"'),
            "notify.email[1].from",
            "printable",
        ),
        (EMAIL.replace('["duty@', '["duty <duty@'), "notify.email[1].to", "e-mail address"),
        (EMAIL + 'password = "hunter2"', "notify.email[1].password", "unknown key"),
    ],
)
def test_a_mistake_is_found(text: str, key: str, what: str) -> None:
    found = messages(text)
    assert what in found[key]


def test_a_password_in_the_file_is_not_shown() -> None:
    with pytest.raises(MistakesError) as caught:
        read(EMAIL + 'password = "hunter2"\nsecret = "hunter2"')
    assert "hunter2" not in str(caught.value)


def test_a_mail_server_on_this_machine_may_be_spoken_to_without_tls() -> None:
    [email] = read(
        EMAIL.replace("mail.example.org", "127.0.0.1") + 'tls = "none"\nuser = "d"\npassword_file = "/p"'
    ).notify
    assert isinstance(email, Email)
    assert email.port == 25


def test_a_code_that_no_alert_has_is_a_mistake_with_the_nearest() -> None:
    [wrong] = unknown_codes(read(EXEC + 'codes = ["spool-ful", "custody-failed"]'))
    assert (wrong.key, wrong.value, wrong.remedy) == (
        "notify.exec[1].codes",
        '"spool-ful"',
        "did you mean spool-full?",
    )


def test_messages_that_can_be_read_on_their_way_are_a_warning_and_on_this_machine_are_not() -> None:
    def warned(url: str) -> list[str]:
        found = warnings(read(WEBHOOK.replace("https://hq.example.org", url)))
        return [mistake.key for mistake in found if mistake.key.endswith(".url")]

    assert warned("http://hq.example.org") == ["notify.webhook[1].url"]
    assert warned("http://127.0.0.1:8080") == warned("https://hq.example.org") == []


def test_files_and_commands_that_are_not_as_they_should_be(tmp_path: Path) -> None:
    secret, script = tmp_path / "secret", tmp_path / "page"
    webhook = WEBHOOK.replace("/etc/bwvdock/hq.secret", str(secret))
    config = read(webhook + EXEC.replace("/usr/bin/true", str(script)))
    wrong = {"notify.webhook[1].secret_file", "notify.exec[1].command"}
    secret.write_text("whsec")
    assert {mistake.key for mistake in check_notify(config.notify)} == wrong
    script.write_text("#!/bin/sh\n")
    assert {mistake.key for mistake in check_notify(config.notify)} == wrong
    script.chmod(0o755)
    secret.write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
    assert list(check_notify(config.notify)) == []
