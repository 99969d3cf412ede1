"""A good vault beside a bad store of each kind: all else is served, and status has a cause for each."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.fakes.fuse import hanging_folder
from tests.servers.hostile import ANY, S3, Raw, answer
from tests.servers.lies import Lie
from tests.servers.lying_s3 import LyingS3
from tests.servers.lying_tus import LyingTus
from tests.service.daemons import bwvdock, configure, daemon

MOST_MIB = 150
ANSWERS: dict[str, dict[str, Raw]] = {
    "tus": {
        "latin": ANY["301, Latin-1"],
        "nowhere": ANY["308, unparsable"],
        "bomb": ANY["302, a gzip bomb"],
        "endless": ANY["307, an endless body"],
        "flood": ANY["a flood of 103"],
        "slow": ANY["a head at a byte a moment"],
        "garbage": answer(200, body=b"<html>"),
    },
    "s3": {
        "later": ANY["503, Retry-After -1200"],
        "codes": S3["two Codes"],
        "xml": S3["no XML in a 2xx"],
        "bomb": ANY["200, a gzip bomb"],
        "endless": ANY["200, an endless body"],
        "flood": ANY["a flood of 100"],
        "wide": ANY["200, XML of 700,000 elements"],
    },
}

pytestmark = pytest.mark.slow


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[str]:
    """The configuration of a vault, and of a bad store of each kind."""
    (tmp_path / "key").write_text("key\n")
    keys = f'access_key_file = "{tmp_path / "key"}"\nsecret_key_file = "{tmp_path / "key"}"\n'
    with ExitStack() as stack:
        written = ['[[destination]]\nname = "vault"\nkind = "directory"\n']
        for kind, answers in ANSWERS.items():
            for name, said in answers.items():
                lie = Lie(instead=True, raw=said)
                server = stack.enter_context(LyingTus(lie) if kind == "tus" else LyingS3(lie))
                where = f'endpoint = "{server.url}"\nbucket = "evidence"\n{keys}'
                where = f'url = "{server.url}"\n' if kind == "tus" else where
                about = f'name = "{kind}-{name}"\nkind = "{kind}"\nrequired = false\n'
                written.append(f"[[destination]]\n{about}{where}")
        yield "".join(written)


def test_everything_else_is_served_beside_a_bad_store_of_each_kind(tmp_path: Path, stores: str) -> None:
    camera = tmp_path / "camera"
    camera.mkdir()
    (camera / "A.MP4").write_bytes(b"footage" * 100_000)
    bad = sum(map(len, ANSWERS.values())) - 1  # a slow one has not failed yet
    with daemon(configure(tmp_path, camera=camera, more=stores)) as running:
        running.wait_for_event("clip_verified")
        running.wait_for_event("destination_lost", bad)
        status = running.status()
        text = bwvdock("status", config=running.config).stdout
        lines = Path("/proc", str(running.process.pid), "status").read_text().splitlines()
    assert status["dock"]["running"]
    assert status["clips"]["verified"] == 1
    found = {store["name"]: store for store in status["destinations"]}
    assert found.pop("vault")["reachable"]
    found.pop("tus-slow")
    for name, store in found.items():
        assert store["error"], name
        assert store["remedy"], name
        assert store["error"].isprintable(), name
        assert store["error"] in text, name
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    assert peak / 1024 < MOST_MIB


@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0 or not os.path.exists("/dev/fuse"), reason="needs to mount FUSE")
def test_a_dock_starts_and_ends_beside_a_vault_whose_share_hangs(tmp_path: Path) -> None:
    """Neither its start nor its end nor an operator's question waits for a share that answers nothing."""
    camera, share = tmp_path / "camera", tmp_path / "share"
    camera.mkdir()
    (camera / "A.MP4").write_bytes(b"footage" * 1000)
    vaults = "".join(
        f'[[destination]]\nname = "{path.name}"\nkind = "directory"\npath = "{path}"\nmust_be_mount = false\n'
        for path in (tmp_path / "near", share)
    )
    config = configure(tmp_path, camera=camera, more=vaults)
    assert bwvdock("init", config=config).returncode == 0
    share.rename(tmp_path / "elsewhere")
    with hanging_folder(share), daemon(config) as running:
        running.wait_for_event("clip_verified")
        stores = {store["name"]: store["reachable"] for store in running.status()["destinations"]}
        assert stores == {"near": True, "share": None}
        assert bwvdock("config", "check", config=config).returncode == 0
        assert bwvdock("clips", "list", config=config).returncode == 0
        running.signal(signal.SIGTERM)
        assert running.process.wait(60) == 0
