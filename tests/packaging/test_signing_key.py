"""Does the package make the signing key once, and never in place of another?"""

from __future__ import annotations

import base64
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

# Stands in for systemd-creds: turns the bytes round, so that a plain key is never what is stored.
FAKE = """#!/bin/sh
for last; do :; done
case $1 in
  encrypt) rev > "$last" ;;
  decrypt) rev < "$3" ;;
esac
"""


@pytest.fixture(name="made")
def _made(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    (tmp_path / "kept").mkdir()
    (tmp_path / "bin" / "systemd-creds").write_text(FAKE)
    (tmp_path / "bin" / "systemd-creds").chmod(0o755)
    return tmp_path


def make(root: Path) -> None:
    """Carry out `make_signing_key` of the postinst, in a folder."""
    script = (ROOT / "packaging" / "deb" / "postinst").read_text(encoding="utf-8")
    [function] = re.findall(r"^make_signing_key\(\) \{\n.*?^\}$", script, re.MULTILINE | re.DOTALL)
    function = function.replace("/etc/credstore.encrypted", str(root / "store"))
    function = function.replace("/var/lib/bwvdock-signer", str(root / "kept"))
    path = f"{root / 'bin'}:{os.environ['PATH']}"
    subprocess.run(
        ["sh", "-ec", f"{function}\nmake_signing_key"], check=True, env=os.environ | {"PATH": path}
    )


def test_a_key_is_made_and_stays(made: Path) -> None:
    make(made)
    [key] = (made / "store").iterdir()
    content = key.read_text()
    assert len(base64.b64decode(content.strip()[::-1])) == 32
    assert key.stat().st_mode & 0o077 == 0
    assert (made / "store").stat().st_mode & 0o077 == 0
    make(made)
    assert [(path.name, path.read_text()) for path in (made / "store").iterdir()] == [(key.name, content)]


@pytest.mark.parametrize("name", ["custody.key", "signed.sqlite3"])
def test_none_is_made_where_the_signer_has_its_own(made: Path, name: str) -> None:
    (made / "kept" / name).touch()
    make(made)
    assert not (made / "store").exists()


@pytest.mark.parametrize("fake", ["#!/bin/sh\nexit 1\n", "#!/bin/sh\ncat > /dev/null\n"])
def test_where_systemd_cannot_encrypt_nothing_is_left(made: Path, fake: str) -> None:
    (made / "bin" / "systemd-creds").write_text(fake)
    make(made)
    assert list((made / "store").iterdir()) == []


def test_the_unit_names_what_the_package_makes() -> None:
    unit = (ROOT / "systemd" / "bwvdock-signer.service").read_text(encoding="utf-8")
    assert "LoadCredentialEncrypted=bwvdock-custody.key\n" in unit
