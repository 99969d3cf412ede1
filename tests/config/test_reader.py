"""Is the badge reader read as the configuration says it, and do the rules of udev find the same one?"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.config import texts


def read(value: str) -> tuple[int, int] | Path | None:
    return texts.read(f"[checkout]\nreader = {value}\n").checkout.reader


def test_ids_and_paths_are_read() -> None:
    assert read('"08ff:0009"') == read('"08FF:0009"') == (0x08FF, 0x0009)
    assert read('"/dev/input/by-id/usb-Reader-event-kbd"') == Path("/dev/input/by-id/usb-Reader-event-kbd")


@pytest.mark.parametrize(
    "value",
    [
        '""',
        '"8ff:9"',
        '"08ff-0009"',
        '"08ff:0009 "',
        '"/dev/sda"',
        '"/dev/input/../sda"',
        '"/dev/input/"',
        '"reader"',
        "2303",
        "true",
        '["08ff:0009"]',
        '"\\u0663\\u0663\\u0663\\u0663:0009"',
    ],
)
def test_what_is_no_reader_is_said(value: str) -> None:
    assert texts.wrong_keys(f"[checkout]\nreader = {value}\n") == ["checkout.reader"]


@pytest.mark.parametrize(
    "line,found",
    [
        ('reader = "08ff:0009"', True),
        ("  reader='08FF:0009'   # at the door", True),
        ('# reader = "08ff:0009"', False),
        ('reader = "08ff:0010"', False),
        ('old_reader = "08ff:0009"', False),
        ('reader = "/dev/input/by-id/08ff:0009"', False),
    ],
)
def test_the_rule_finds_the_ids_in_the_file(tmp_path: Path, line: str, *, found: bool) -> None:
    """The command of the rule itself, with what udev puts in; udev runs it in the virtual dock."""
    rules = (ROOT / "udev-rules/60-bwvdock.rules").read_text(encoding="utf-8")
    [command] = re.findall(r'PROGRAM=="(/bin/grep -E[^"]*)"', rules)
    file = tmp_path / "bwvdock.toml"
    file.write_text(f"[checkout]\n{line}\n", encoding="utf-8")
    command = command.replace("$attr{idVendor}", "08ff").replace("$attr{idProduct}", "0009")
    command = command.replace("/etc/bwvdock/bwvdock.toml", str(file))
    assert (subprocess.run(["/bin/sh", "-c", command], check=False).returncode == 0) == found
