"""`bwvdock run` and `bwvdock demo`: the daemon, and a demonstration of it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from bwvdock.cli.output.console import configuration
from bwvdock.config.settings import Config

if TYPE_CHECKING:
    from bwvdock.core.ports import Clock
    from bwvdock.status.values import Live
    from bwvdock.upkeep.messages import FitnessChecked


def run(arguments: Namespace) -> int:
    """Run the daemon until a signal ends it."""
    from bwvdock.runtime.lean_imports import lean_imports  # noqa: PLC0415

    with lean_imports():
        from bwvdock.cli.output.log_sentences import fact_sentence  # noqa: PLC0415
        from bwvdock.service.daemon import run as run_daemon  # noqa: PLC0415

    return run_daemon(configuration(arguments), sentence=fact_sentence, check=_check)


def _check(config: Config, live: Live, clock: Clock) -> FitnessChecked:
    from bwvdock.cli.doctor.daily import check_itself  # noqa: PLC0415 - minutes after the start

    return check_itself(config, live, clock)


def demo(arguments: Namespace) -> int:
    """Run the demonstration."""
    from bwvdock import cli  # noqa: PLC0415 - which imports this module
    from bwvdock.demo.journey import run_demo  # noqa: PLC0415

    return run_demo(Path(arguments.keep) if arguments.keep else None, cli.main)
