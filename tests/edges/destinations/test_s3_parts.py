"""The small parts of the S3 destination: keys, metadata, locks wanted, and what is loaded when."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bwvdock.edges.destinations.s3.keys import canary_key, metadata, under
from bwvdock.edges.destinations.s3.lock import order
from tests.architecture.tree import ROOT
from tests.edges.destinations.s3_rig import S3Dock
from tests.fakes.transfer import UNLIMITED
from tests.servers.lying_s3 import LyingS3

NOW = datetime(2026, 4, 30, 12, tzinfo=UTC)


@pytest.mark.slow
def test_a_dock_without_a_bucket_loads_nothing_of_s3() -> None:
    loaded = (
        "import sys, bwvdock.service.from_config, "
        "bwvdock.edges.destinations.s3; print('botocore' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


@pytest.mark.slow
def test_a_dock_without_the_extra_is_told_what_to_install() -> None:
    script = (
        "import sys; sys.modules['botocore'] = None\n"
        "from types import SimpleNamespace\n"
        "from bwvdock.edges.destinations.s3 import open_bucket\n"
        "from bwvdock.errors import ConfigError\n"
        "try: open_bucket(None, SimpleNamespace(name='store'))\n"
        "except ConfigError as error: print(error.remedy)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "bwvdock[s3]" in done.stdout


@pytest.mark.parametrize("prefix", ["docks/x", "/docks/x/"])
def test_keys_stand_below_the_prefix(prefix: str) -> None:
    assert under(prefix, "2026/04") == "docks/x/2026/04"
    assert canary_key(prefix, "LEW 03/é") == "docks/x/.bwvdock-canary/LEW%2003%2F%C3%A9"


def test_no_prefix_is_no_slash() -> None:
    assert under("", "2026/04") == "2026/04"


@pytest.mark.parametrize(
    "value,kept",
    [
        ("CAM-17", "CAM-17"),
        ("a  b", "a%20%20b"),
        ("50%", "50%25"),
        ("\r\nx-amz-acl: public-read", "%0D%0Ax-amz-acl:%20public-read"),
        ("é\u202e", "%C3%A9%E2%80%AE"),
        ("", None),
        ("é" * 43, None),
        ("x" * 256, "x" * 256),
        ("x" * 257, None),
    ],
)
def test_metadata_is_plain_ascii_and_reversible(value: str, kept: str | None) -> None:
    told = metadata({"recorded_at": value, "sha256": "of the footage"}, sha256="of this part")
    assert told.get("recorded-at") == kept
    assert told["sha256"] == "of this part"


@pytest.mark.parametrize(
    "lock,evidential,until,expected",
    [
        ("off", "true", "2099-01-01T00:00:00Z", {}),
        ("governance", "false", "", {}),
        ("governance", "false", "2026-04-30T12:00:59Z", {}),
        ("compliance", "true", "", {"ObjectLockLegalHoldStatus": "ON"}),
        (
            "compliance",
            "false",
            "2026-05-31T00:00:00.999Z",
            {
                "ObjectLockMode": "COMPLIANCE",
                "ObjectLockRetainUntilDate": datetime(2026, 5, 31, 0, 0, 0, tzinfo=UTC),
            },
        ),
    ],
)
def test_a_lock_follows_the_manifest(
    lock: str, evidential: str, until: str, expected: dict[str, object]
) -> None:
    wanted = order(lock, {"evidential": evidential, "retain_until": until}, NOW)
    assert wanted.headers() == expected


def test_a_date_is_locked_for_as_long_as_it_lies_ahead() -> None:
    day = (NOW + timedelta(days=1)).isoformat()
    assert order("governance", {"retain_until": day}, NOW).until == NOW + timedelta(days=1)
    assert order("governance", {"retain_until": day}, NOW + timedelta(days=1)).until is None


@pytest.mark.slow
def test_nothing_in_the_environment_or_a_home_is_heeded(tmp_path: Path) -> None:
    """The keys, the proxy, the endpoint and the profile that others set are not ours."""
    hostile = {
        "HOME": str(tmp_path),
        "AWS_ACCESS_KEY_ID": "THEIRS",
        "AWS_SECRET_ACCESS_KEY": "THEIRS",
        "AWS_PROFILE": "theirs",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_CA_BUNDLE": str(tmp_path / "none"),
        "REQUESTS_CA_BUNDLE": str(tmp_path / "none"),
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "http_proxy": "http://127.0.0.1:1",
        "HTTP_PROXY": "http://127.0.0.1:1",
    }
    (tmp_path / "config").write_text("[profile theirs]\ns3 =\n  addressing_style = virtual\n")
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from tests.edges.destinations.s3_rig import S3Dock\n"
        "S3Dock(Path(sys.argv[1]), access='OURS', secret='SK').destination(sys.argv[2]).probe()\n"
    )
    with LyingS3() as server:
        subprocess.run(
            [sys.executable, "-c", script, tmp_path, server.url],
            cwd=ROOT,
            env={**os.environ, **hostile},
            check=True,
        )
        (request,) = server.requests
        assert "Credential=OURS/" in request.headers["authorization"]
        assert request.path == "/evidence"


@pytest.mark.slow
def test_secrets_may_be_credentials_of_the_service(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from tests.edges.destinations.s3_rig import S3Dock\n"
        "dock = S3Dock(Path(sys.argv[1]), access='', secret='')\n"
        "dock.access_file = 's3-access'; dock.secret_file = 's3-secret'\n"
        "dock.destination(sys.argv[2]).probe()\n"
    )
    (tmp_path / "credentials").mkdir()
    for name in ("s3-access", "s3-secret"):
        (tmp_path / "credentials" / name).write_text("CREDENTIAL\n")
    with LyingS3() as server:
        subprocess.run(
            [sys.executable, "-c", script, tmp_path, server.url],
            cwd=ROOT,
            env={**os.environ, "CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")},
            check=True,
        )
        assert "Credential=CREDENTIAL/" in server.requests[0].headers["authorization"]


@pytest.mark.slow
def test_the_document_lies_beside_the_footage(tmp_path: Path) -> None:
    dock = S3Dock(tmp_path, access="AK", secret="SK")  # noqa: S106 (a server of our own believes any)
    clip = dock.clip(b"footage")
    with LyingS3() as server:
        key = dock.destination(server.url).describe(clip, b"{}", UNLIMITED)
        assert server.stored(server.bucket, key) == b"{}"
    dock.close()
