"""Is [custody] read as it says, and is every value that would break a checkpoint found?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.config.custody import CustodySettings
from bwvdock.config.settings import needs_restart
from tests.config.texts import mistakes, read


def wrong(lines: str) -> dict[str, str]:
    return {wrong.key: f"{wrong.message} ({wrong.remedy})" for wrong in mistakes(f"[custody]\n{lines}")}


def test_without_the_table_the_log_has_the_docks_name() -> None:
    assert read("").custody == CustodySettings(origin="bwvdock/LEW-03")
    assert not read("").erase_needs_witness


def test_every_key_is_read() -> None:
    config = read(
        """
        [custody]
        origin = "police.example.org/docks/LEW-03"
        policy = "/etc/bwvdock/policy.txt"
        signing_key_file = "custody-key"
        timestamp_url = "https://tsa.example.org/stamp"
        timestamp_ca_file = "/etc/bwvdock/tsa-ca.pem"
        [release]
        erase_needs_witness = true
        """
    )
    assert config.custody == CustodySettings(
        origin="police.example.org/docks/LEW-03",
        policy=Path("/etc/bwvdock/policy.txt"),
        signing_key_file="custody-key",
        timestamp_url="https://tsa.example.org/stamp",
        timestamp_ca_file="/etc/bwvdock/tsa-ca.pem",
    )
    assert config.erase_needs_witness


@pytest.mark.parametrize(
    "value", ["a dock", "a+b", "", "a\\nb", "/a", "a/", "a\\u00a0b", "a\\u2028b", "d\\u00f6ck", "a" * 101]
)
def test_a_name_that_a_signed_note_cannot_have_is_found(value: str) -> None:
    assert wrong(f'origin = "{value}"').keys() == {"custody.origin"}


@pytest.mark.parametrize(
    "lines,key",
    [
        ('policy = "policy.txt"', "custody.policy"),
        ('signing_key_file = "../key"', "custody.signing_key_file"),
        ('timestamp_url = "ftp://tsa.example.org"', "custody.timestamp_url"),
        ('timestamp_ca_file = "/etc/ca.pem"', "custody.timestamp_ca_file"),
        ('origins = "a"', "custody.origins"),
    ],
)
def test_a_wrong_value_is_found(lines: str, key: str) -> None:
    assert wrong(lines).keys() == {key}


@pytest.mark.parametrize(
    "lines,table",
    [
        ('origin = "a"', "[custody]"),
        ('policy = "/policy"\n[release]\nerase_needs_witness = true', "[release]"),
    ],
)
def test_a_change_needs_a_restart(lines: str, table: str) -> None:
    assert needs_restart(read('[custody]\npolicy = "/policy"'), read(f"[custody]\n{lines}"))[0] == table


def test_witnesses_that_no_policy_names_cannot_be_waited_for() -> None:
    assert wrong("[release]\nerase_needs_witness = true").keys() == {"release.erase_needs_witness"}
    assert "policy = " in wrong("[release]\nerase_needs_witness = true")["release.erase_needs_witness"]
