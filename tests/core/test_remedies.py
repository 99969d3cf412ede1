"""Do the commands of a remedy have sudo where they need root, once, and only there?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bwvdock.core.remedies import with_sudo
from bwvdock.doctor.findings import Check, warning
from bwvdock.errors import StorageError
from bwvdock.status.alerts import Alert, AlertCode
from tests.docs.advice import fault

AS_ROOT = [
    "systemctl restart bwvdock",
    "systemctl enable --now bwvdock-verify.timer",
    "bwvdock custody verify",
    "bwvdock config check --config /etc/bwvdock/bwvdock.toml",
    "bwvdock init --after-loss --reason R",
    "bwvdock backup check DIR",
    "udevadm control --reload",
    "apt install smartmontools",
    "adduser $USER bwvdock-operators",
]
BY_ANYBODY = [
    "systemctl status bwvdock",
    "journalctl -u bwvdock -n 50",
    "bwvdock status",
    "bwvdock clips retry 01kge4",
    "bwvdock cameras enrol SERIAL",
    "bwvdock doctor --help",
    "timedatectl",
    "ls -ld /srv/vault",
]
BETWEEN = ["; then: ", " && ", ". Or: ", "`, or `"]


@given(st.lists(st.sampled_from(AS_ROOT + BY_ANYBODY), min_size=1, max_size=4), st.sampled_from(BETWEEN))
def test_each_that_needs_root_has_it_once_and_no_other(commands: list[str], between: str) -> None:
    plain = between.join(commands)
    shown = between.join(f"sudo {c}" if c in AS_ROOT else c for c in commands)
    assert with_sudo(plain) == with_sudo(shown) == shown


@given(st.text())
def test_what_names_no_command_stays_as_it_is(text: str) -> None:
    assert with_sudo(text) == text
    assert with_sudo(f"{text} systemctl") == f"{text} systemctl"


@pytest.mark.parametrize("text", ["See /usr/bin/systemctl restart.", "non-bwvdock init", "bwvdock initial"])
def test_a_part_of_a_word_is_no_command(text: str) -> None:
    assert with_sudo(text) == text


@pytest.mark.parametrize("command", AS_ROOT)
def test_every_remedy_is_shown_so(command: str) -> None:
    shown = f"sudo {command}"
    assert StorageError("It is full.", remedy=command).remedy == shown
    assert Alert.warning(AlertCode.SPOOL_FULL, "It is full.", command).remedy == shown
    assert warning(Check.DISK_ROOM, "full", "It is full.", command).remedy == shown
    assert fault(shown) == ""
