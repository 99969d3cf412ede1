"""Which keys does the table [screen] have, and are their values valid?

They say where bwvdock-screen, which systemd starts only where somebody enables it, offers its page, and
how it looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bwvdock.config.metrics import Address, loopback
from bwvdock.config.stores import absolute
from bwvdock.config.toml_table import Table, choice, flag, instead, line

_LISTEN = "127.0.0.1:7390"
LANGUAGES = ("en", "cy")
THEMES = ("auto", "dark", "bright")


@dataclass(frozen=True, kw_only=True, slots=True)
class ScreenSettings:
    """Where the screen's page is offered: a loopback address or a Unix socket; how it looks; what it names.

    `officers`: the officer to whom a camera is assigned may be on the screen. `sounds`: tones answer badges.
    """

    listen: Address | Path = ("127.0.0.1", 7390)
    language: str = "en"
    theme: str = "auto"
    officers: bool = False
    sounds: bool = True


NO_SCREEN = ScreenSettings()


def read_screen(table: Table) -> ScreenSettings:
    """Return what [screen] says; mistakes are recorded in the table."""
    screen = ScreenSettings(
        listen=table.take("listen", listen, NO_SCREEN.listen),
        language=table.take("language", choice(*LANGUAGES), NO_SCREEN.language),
        theme=table.take("theme", choice(*THEMES), NO_SCREEN.theme),
        officers=table.take("officers", flag, default=False),
        sounds=table.take("sounds", flag, default=True),
    )
    table.nothing_else()
    return screen


def listen(value: object) -> Address | Path:
    """Parse a loopback address and a port, or the path of a Unix socket."""
    if line(value).startswith("/"):
        return absolute(value)
    try:
        return loopback(value)
    except ValueError:
        raise instead(
            f'write a loopback address and a port, such as "{_LISTEN}", or a socket\'s path'
        ) from None
