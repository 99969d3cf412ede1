"""How is it started? By systemd, where somebody has enabled it: `bwvdock-badge-reader --config FILE`."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from bwvdock.badge_reader.listening import Listening
from bwvdock.config.settings import Config, default_path, load
from bwvdock.edges.badge_readers.evdev import InputDevices
from bwvdock.errors import BwvdockError, ConfigError
from bwvdock.operators.checkout.requests import Tap
from bwvdock.operators.daemon_client import ask

ANSWER_SECONDS = 3.0


def main(words: Sequence[str] | None = None) -> int:
    """Have the daemon act on badges until a signal ends it; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="bwvdock-badge-reader", description="Reports to the dock which badge was shown to a reader."
    )
    parser.add_argument("--config", type=Path, default=default_path(), metavar="FILE")
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        config = load(parser.parse_args(words).config)
        listening = _listening(config)
    except BwvdockError as error:
        sys.stderr.write(f"bwvdock-badge-reader: {error.message}\n  -> {error.remedy}\n")
        return error.exit_code
    signal.signal(signal.SIGTERM, _end)
    try:
        while True:
            listening.turn()
    except KeyboardInterrupt:
        return 0
    finally:
        listening.close()


def _listening(config: Config) -> Listening:
    """Return what listens to the configured readers.

    Raises:
        ConfigError: none is configured.
    """
    wanted = config.checkout.reader
    if wanted is None:
        raise ConfigError(
            "No badge reader is configured.",
            remedy='Set reader = "VENDOR:PRODUCT" in [checkout] of the configuration; lsusb shows both',
        )

    def tap(badge: str) -> None:
        ask(config.control_socket, Tap(badge=badge), ANSWER_SECONDS)

    return Listening(InputDevices(wanted), tap)


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
