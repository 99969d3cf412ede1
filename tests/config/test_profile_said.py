"""What may a profile say of a camera's battery, and which mistakes are reported?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.config.profiles import ProfilesError, load_profiles
from bwvdock.core.media.fields import FieldFormat
from bwvdock.core.media.said.battery import BatteryRule

MATCH = '[match]\nusb = ["0603:8611"]\n'


def mistakes(folder: Path, text: str) -> list[str]:
    """Return the key of each mistake that is reported."""
    (folder / "own.toml").write_text(MATCH + text)
    with pytest.raises(ProfilesError) as raised:
        load_profiles([folder])
    return [mistake.key for found in raised.value.mistakes.values() for mistake in found]


def test_where_a_battery_is_read(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        MATCH + '[battery]\nfile = "MISC/status.ini"\nkey = "power.level"\nformat = "ini"\nfull = 4\n'
    )
    [profile] = load_profiles([tmp_path])
    assert profile.battery == BatteryRule(
        file="MISC/status.ini", key="power.level", format=FieldFormat.INI, full=4
    )


@pytest.mark.parametrize(
    "text,keys",
    [
        ("[battery]\n", ["battery.file", "battery.key"]),
        ('[battery]\nfile = "f"\nkey = "k"\nfull = 0\n', ["battery.full"]),
        ('[battery]\nfile = "f"\nkey = "k"\nfull = true\n', ["battery.full"]),
        ('[battery]\nfile = "../f"\nkey = "k"\n', ["battery.file"]),
        ('[battery]\nfile = "f"\nkey = "level"\nformat = "regex"\n', ["battery.key"]),
        ('[battery]\nfile = "f"\nkey = "k"\nempty = 3\n', ["battery.empty"]),
        ("battery = 3\n", ["match.battery"]),
    ],
)
def test_each_mistake_is_reported(tmp_path: Path, text: str, keys: list[str]) -> None:
    assert mistakes(tmp_path, text) == keys
