"""How is the screen started? By systemd, where somebody has enabled it: `bwvdock-screen --config FILE`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn

from bwvdock.config.settings import Config, default_path, load
from bwvdock.errors import BwvdockError
from bwvdock.operators.checkout.requests import OwnClipsRequest
from bwvdock.operators.daemon_client import ORDER_SECONDS, ask
from bwvdock.operators.requests import Screen as AskForScreen
from bwvdock.screen.app import Screen
from bwvdock.screen.asking import ANSWER_SECONDS, Asking
from bwvdock.screen.own_clips import OwnClipsDoor
from bwvdock.screen.shown import Shown
from bwvdock.status.for_screen import ForScreen, for_screen_from_json

_MOST_CONNECTIONS = 64


def main(words: Sequence[str] | None = None) -> int:
    """Serve the page until a signal ends it; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="bwvdock-screen", description="Shows on a page which docked cameras may be removed."
    )
    parser.add_argument("--config", type=Path, default=default_path(), metavar="FILE")
    try:
        config = load(parser.parse_args(words).config)
    except BwvdockError as error:
        sys.stderr.write(f"bwvdock-screen: {error.message}\n  -> {error.remedy}\n")
        return error.exit_code
    server = uvicorn.Server(_settings(config))
    server.run()
    return 0 if server.started else 1


def _ask(socket: Path) -> ForScreen:
    return for_screen_from_json(ask(socket, AskForScreen(), ANSWER_SECONDS))


def _order(socket: Path, request: OwnClipsRequest) -> Mapping[str, Any]:
    return ask(socket, request, ORDER_SECONDS)


def _settings(config: Config) -> uvicorn.Config:
    """Return what the server runs with: no access log, no answer for long, a bound on connections."""
    asking = Asking(partial(_ask, config.control_socket))
    shown = Shown(config.dock, config.site, config.zone, now=datetime.now)
    own_clips = OwnClipsDoor(partial(_order, config.control_socket), config.zone)
    listen = config.screen.listen
    host, port = ("", 0) if isinstance(listen, Path) else listen
    return uvicorn.Config(
        Screen(config.screen, asking, shown, own_clips).app(),
        host=host,
        port=port,
        uds=str(listen) if isinstance(listen, Path) else None,
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    sys.exit(main())
