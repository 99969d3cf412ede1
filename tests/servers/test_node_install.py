"""Does install.sh say within seconds what could not be fetched, whose word that was, and what to set?"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers.lies import Lie
from tests.servers.lying import Answer, LyingServer, Request
from tests.servers.process import HERE, HOME
from tests.servers.tls import Authority, server_context

INSTALL = HERE / "node/install.sh"
PATIENCE = 60.0  # seconds, of a machine under load: npm itself would try for two minutes

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (HOME / "venv").exists(), reason="needs make servers"),
]


class RefusingRegistry(LyingServer):
    """Lets nobody in."""

    def answer(self, request: Request) -> Answer:
        return Answer(403, {"Content-Type": "application/json"}, b'{"error": "not on the list"}')


def refusing(_: Path) -> LyingServer:
    return RefusingRegistry()


def dropping(_: Path) -> LyingServer:
    """Return one that closes each connection without an answer."""
    return RefusingRegistry(Lie(hang_up=True, instead=True))


def untrusted(folder: Path) -> LyingServer:
    """Return one whose certificate nobody knows."""
    return RefusingRegistry(tls=server_context(Authority(folder).sign("server")))


@pytest.mark.parametrize("npmrc", [True, False], ids=["npmrc", "environment"])
@pytest.mark.parametrize(
    "registry, why",
    [
        (refusing, "403 Forbidden"),
        (dropping, "reason: socket hang up"),
        (untrusted, "reason: unable to "),
    ],
)
def test_what_cannot_be_fetched_is_said_within_seconds_and_what_to_set(
    tmp_path: Path, registry: Callable[[Path], LyingServer], why: str, *, npmrc: bool
) -> None:
    with registry(tmp_path) as server:
        done = install(tmp_path, server.url.replace("//", "//ann:s3cr3t@"), npmrc=npmrc)
        assert [request.method for request in server.requests] in ([], ["GET"]), "asked once at the most"
    assert done.returncode == 1
    said = done.stderr
    assert "@tus/server and others) could not be fetched" in said
    assert f"registry:   {server.url}" in said
    assert f"set by:     {tmp_path / 'home/.npmrc' if npmrc else 'environment'}\n" in said
    assert why in said
    for setting in ("npm_config_registry", "npm_config_cafile", "npm_config_https_proxy", "make servers"):
        assert setting in said
    assert "s3cr3t" not in said + done.stdout
    assert "Exit handler" not in said


def install(folder: Path, registry: str, *, npmrc: bool) -> subprocess.CompletedProcess[str]:
    """Install into a folder from a registry that ~/.npmrc sets, or else the environment."""
    (folder / "venv").symlink_to(HOME / "venv")
    home = folder / "home"
    home.mkdir()
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "npm_config_globalconfig": str(home / "none")}
    if npmrc:
        (home / ".npmrc").write_text(f"registry={registry}\n")
    else:
        environ["npm_config_registry"] = registry
    return subprocess.run(
        [INSTALL, folder], env=environ, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
