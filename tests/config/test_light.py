"""Is [light] read as it says, does what is wrong in it get named, and does nothing run without it?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bwvdock.config.light.settings import NO_LIGHT, LightSettings
from bwvdock.config.settings import Config, needs_restart
from bwvdock.lights.from_config import lights_of
from tests.config import texts


def read(lines: str) -> Config:
    return texts.read(f"[light]\n{lines}")


def test_every_key_is_read_and_a_change_waits_for_a_restart() -> None:
    assert read("").light == NO_LIGHT == LightSettings(command=(), seconds=5, hub=False)
    found = read("exec = ['/usr/bin/light', '--bay']\nseconds = 30\nhub = true").light
    assert found == LightSettings(command=("/usr/bin/light", "--bay"), seconds=30, hub=True)
    assert needs_restart(read(""), read("hub = true")) == ["[light]"]


@pytest.mark.parametrize(
    "line",
    [
        "exec = 'light'",
        "exec = ['light']",
        "exec = []",
        "exec = ['/usr/bin/light', 7]",
        'exec = ["/usr/bin/light\\u0000"]',
        "exec = ['/usr/bin/light', \"two\\nlines\"]",
        "seconds = 5",
        "hub = 1",
        "hub = 'yes'",
        "colour = 'green'",
    ],
)
def test_what_is_wrong_is_said(line: str) -> None:
    [(key, message)] = texts.messages(f"[light]\n{line}").items()
    assert key == f"light.{line.split(maxsplit=1)[0]}"
    assert message


@pytest.mark.parametrize("seconds", [0, 31, -1, 10**30, 1.5, "'5'"])
def test_a_time_without_sense_is_named(seconds: object) -> None:
    assert texts.wrong_keys(f"[light]\nexec = ['/usr/bin/light']\nseconds = {seconds}") == ["light.seconds"]


def test_as_many_ways_are_set_up_as_are_configured_and_none_by_default() -> None:
    """Each fails at its start here: there is no program; and a dock that is not asked says nothing."""

    def silent() -> Mapping[str, Any]:
        raise ValueError("nothing")

    none = lights_of(NO_LIGHT, silent)
    none.start()
    none.stop()
    assert none.failing() == []
    some = lights_of(LightSettings(command=("/nowhere/light",), seconds=1), silent)
    some.start()
    some.stop()
    [(kind, why, remedy)] = some.failing()
    assert (kind, why) == ("exec", "/nowhere/light cannot be run: /nowhere/light: No such file or directory.")
    assert remedy.startswith("Try it: sudo -u bwvdock /nowhere/light 1-1 safe")
