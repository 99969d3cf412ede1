"""Is [screen] read as it says, and can nothing be configured that offers the page to other machines?"""

from __future__ import annotations

from pathlib import Path

import pytest

from bwvdock.config.screen.settings import LANGUAGES, NO_SCREEN, ScreenSettings
from bwvdock.config.settings import Config, needs_restart
from tests.architecture.tree import ROOT
from tests.config import texts


def read(lines: str) -> Config:
    return texts.read(f"[screen]\n{lines}")


def test_every_key_is_read() -> None:
    assert read("").screen == NO_SCREEN
    lines = "listen = '[::1]:80'\nlanguage = 'cy'\ntheme = 'dark'\nofficers = true\nsounds = false"
    assert read(lines).screen == ScreenSettings(
        listen=("::1", 80), language="cy", theme="dark", officers=True, sounds=False
    )
    assert read("listen = '/run/bwvdock-screen/http.sock'").screen.listen == Path(
        "/run/bwvdock-screen/http.sock"
    )


@pytest.mark.parametrize(
    "line",
    [
        "listen = '0.0.0.0:7390'",
        "listen = '192.168.1.2:7390'",
        "listen = '[::]:7390'",
        "listen = 'localhost'",
        "listen = 'run/sock'",
        "listen = 7390",
        "language = 'xx'",
        "theme = 'pink'",
        "officers = 'yes'",
        "sounds = 1",
        "colour = 'red'",
    ],
)
def test_what_is_wrong_is_said(line: str) -> None:
    assert texts.wrong_keys(f"[screen]\n{line}") == [f"screen.{line.split(maxsplit=1)[0]}"]


def test_each_language_has_a_catalogue() -> None:
    for language in LANGUAGES:
        assert (ROOT / f"bwvdock/screen/page/{language}.json").exists()


def test_a_change_waits_for_a_restart() -> None:
    assert needs_restart(read(""), read("officers = true")) == ["[screen]"]
