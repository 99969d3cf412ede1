"""What may a profile say of a camera's battery, and which mistakes are reported?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.config.profiles import ProfilesError, load_profiles
from bwvdock.core.media.fields import FieldFormat
from bwvdock.core.media.self_reported.battery import BatteryRule
from bwvdock.core.media.self_reported.clock_setting import SetClock
from bwvdock.core.media.self_reported.expected import Expected, Setting, Where

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


def test_what_is_expected_is_read(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        'set_clock = "after-copy"\n' + MATCH + '[expect]\nfirmware = ["1.0"]\n'
        '[[expect.setting]]\nname = "loop"\nfile = "f"\nkey = "k"\nvalues = ["off"]\n'
        '[[expect.setting]]\nname = "size"\nproperty = 0xD001\nvalues = ["1920", "1080"]\n'
        '[expect.officer]\nfile = "f"\nkey = "u"\nformat = "ini"\n'
    )
    [profile] = load_profiles([tmp_path])
    assert profile.set_clock is SetClock.AFTER_COPY
    assert profile.expected == Expected(
        firmware=("1.0",),
        settings=(
            Setting(name="loop", where=Where(file="f", key="k"), values=("off",)),
            Setting(name="size", where=Where(code=0xD001), values=("1920", "1080")),
        ),
        officer=Where(file="f", key="u", format=FieldFormat.INI),
    )


@pytest.mark.parametrize(
    "text,keys",
    [
        ("[expect]\n", ["expect.setting"]),
        ("[expect]\nfirmwares = []\n", ["expect.setting", "expect.firmwares"]),
        ('[[expect.setting]]\nname = "a"\nproperty = 1\nvalues = ["1"]\n', ["expect.setting[1].property"]),
        (
            '[[expect.setting]]\nname = "firmware"\nproperty = 0xD001\nvalues = ["1"]\n',
            ["expect.setting[1].name"],
        ),
        ('[[expect.setting]]\nname = "a"\nproperty = 0xD001\n', ["expect.setting[1].values"]),
        (2 * '[[expect.setting]]\nname = "a"\nproperty = 0xD001\nvalues = ["1"]\n', ["expect.setting"]),
        ('[expect.officer]\nproperty = 0xD001\nfile = "f"\n', ["expect.officer.file"]),
    ],
)
def test_each_mistake_in_what_is_expected_is_reported(tmp_path: Path, text: str, keys: list[str]) -> None:
    assert mistakes(tmp_path, text) == keys


def test_when_a_clock_is_set_is_one_of_two_words(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('set_clock = "always"\n' + MATCH)
    with pytest.raises(ProfilesError, match="never, after-copy"):
        load_profiles([tmp_path])
