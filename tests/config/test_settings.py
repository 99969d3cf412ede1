"""Is a right configuration read as it says, and every mistake in a wrong one found at once?"""

from __future__ import annotations

import hashlib
import os
import tomllib
from datetime import time
from pathlib import Path
from stat import S_IFREG
from typing import TYPE_CHECKING

import pytest

from bwvdock.config.footage.sources import FolderSource
from bwvdock.config.settings import (
    Config,
    MistakesError,
    Window,
    default_path,
    load,
    needs_restart,
    parse,
    until_restart,
)
from bwvdock.config.stores import DirectoryStore, S3Store, TusStore
from bwvdock.core.clips.admission import Admission
from bwvdock.errors import ConfigError

if TYPE_CHECKING:
    from pyfakefs.fake_filesystem import FakeFilesystem

SOMEBODY, BWVDOCK = 1000, 990  # an account that is not root, and the dock's group
CONTRACT = """
[dock]
id = "LEW-03"
site = "Lewisham"
state_dir = "/var/lib/bwvdock"

[admission]
mode = "known-models"

[[source]]
kind = "folder"
path = "/srv/export/cam-17"
serial = "CAM-17"

[[destination]]
name = "vault"
kind = "directory"
path = "/srv/vault"
required = true

[[destination]]
name = "mirror"
kind = "directory"
path = "/srv/mirror"
required = false

[upload]
parallel = 5
limit = "80 Mbit/s"
[[upload.window]]
from = "22:00"
to = "06:00"
limit = "none"

[release]
erase = "never"
reread = false

[retention]
non_evidential_days = 90

[spool]
min_free = "2 GiB"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "bwvdock.toml"
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str) -> Config:
    return load(write(folder, text))


def mistakes(folder: Path, text: str) -> dict[str, str]:
    with pytest.raises(MistakesError) as caught:
        read(folder, text)
    assert caught.value.exit_code == 78
    assert "bwvdock config check" in caught.value.remedy
    return {mistake.key: f"{mistake.message} ({mistake.remedy})" for mistake in caught.value.mistakes}


def test_every_key_is_read(tmp_path: Path) -> None:
    config = read(tmp_path, CONTRACT)
    assert (config.dock, config.site, config.admission) == ("LEW-03", "Lewisham", Admission.KNOWN_MODELS)
    assert config.sources == (FolderSource(path=Path("/srv/export/cam-17"), serial="CAM-17"),)
    assert config.destinations == (
        DirectoryStore(name="vault", required=True, path=Path("/srv/vault")),
        DirectoryStore(name="mirror", required=False, path=Path("/srv/mirror")),
    )
    assert (config.upload.parallel, config.upload.limit) == (5, 10_000_000)
    assert config.upload.windows == (Window(start=time(22), end=time(6), limit=None),)
    assert (config.erase, config.reread, config.non_evidential_days) == ("never", False, 90)
    assert config.min_free == 2 * 2**30
    assert config.digest == hashlib.sha256(config.file.read_bytes()).hexdigest()


def test_only_the_id_is_needed(tmp_path: Path) -> None:
    config = read(tmp_path, '[dock]\nid = "LEW-03"\n')
    assert config.state_dir == Path("/var/lib/bwvdock")
    assert config.admission is Admission.ENROLLED
    assert config.destinations == (
        DirectoryStore(name="vault", required=True, path=Path("/var/lib/bwvdock/vault")),
    )
    assert (config.upload.parallel, config.upload.limit, config.upload.windows) == (3, None, ())
    assert (config.erase, config.reread, config.non_evidential_days) == ("never", True, 31)
    assert config.min_free == 5 * 2**30
    assert config.journal == Path("/var/lib/bwvdock/journal.sqlite3")


@pytest.mark.parametrize(
    "dock,run_dir",
    [
        ("", "/run/bwvdock"),
        ('state_dir = "/var/lib/bwvdock-2"', "/run/bwvdock"),
        ('state_dir = "/srv/dock"', "/srv/dock/run"),
        ('state_dir = "/srv/dock"\nrun_dir = "/run/mine"', "/run/mine"),
    ],
)
def test_daemon_and_command_find_each_other_by_the_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dock: str, run_dir: str
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/run/elsewhere")
    config = read(tmp_path, f'[dock]\nid = "A"\n{dock}\n')
    assert config.control_socket == Path(run_dir) / "control.sock"


def test_every_mistake_is_found_at_once(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        """
        [dock]
        id = "LEW/03"
        sit = "Lewisham"
        state_dir = "lib"
        [admision]
        mode = "any"
        [admission]
        mode = "all"
        [[destination]]
        name = "a"
        kind = "dirctory"
        whatever = 1
        [upload]
        parallel = true
        limit = "80 Mbots"
        [[upload.window]]
        from = "22:00"
        to = "26:00"
        [retention]
        non_evidential_days = 0
        [spool]
        min_free = "5 gigs"
        [release]
        reread = "yes"
        """,
    )
    assert found.keys() == {
        "dock.id",
        "dock.sit",
        "dock.state_dir",
        "admision",
        "admission.mode",
        "destination[1].kind",
        "upload.parallel",
        "upload.limit",
        "upload.window[1].to",
        "upload.window[1].limit",
        "retention.non_evidential_days",
        "spool.min_free",
        "release.reread",
    }
    assert "did you mean site?" in found["dock.sit"]
    assert "did you mean admission?" in found["admision"]
    assert "enrolled, known-models, any" in found["admission.mode"]


@pytest.mark.parametrize(
    "text,key,says",
    [
        ("", "dock.id", "is missing"),
        ("dock = 3", "dock", "must be a table"),
        ("[[dock]]\nid = 'A'", "dock", "only one"),
        ("[source]\nkind = 'folder'", "source", "[[source]]"),
        ("[[source]]\nkind = 'folder'\npath = '/a'\nserial = '0000'", "source[1].serial", "of its own"),
        ("[[source]]\nkind = 'folder'\nserial = 'CAM-1'", "source[1].path", "is missing"),
        (
            "[[destination]]\nname = 'a'\nkind = 'directory'\nrequired = false",
            "destination[1].required",
            "could become verified",
        ),
        (
            "[[upload.window]]\nfrom = '22:00'\nto = '22:00'\nlimit = 'none'",
            "upload.window[1].to",
            "same time",
        ),
        ("[release]\nerase = 'always'", "release.erase", "never, after-verified"),
    ],
)
def test_a_mistake_says_what_is_wrong_and_what_to_do(tmp_path: Path, text: str, key: str, says: str) -> None:
    given = text if "dock" in text or key == "dock.id" else f"[dock]\nid = 'LEW-03'\n{text}"
    assert says in mistakes(tmp_path, given)[key]


def test_two_of_the_same_are_a_mistake(tmp_path: Path) -> None:
    source = "[[source]]\nkind = 'folder'\npath = '/a'\nserial = 'CAM-1'\n"
    store = "[[destination]]\nname = 'a'\nkind = 'directory'\npath = '/v'\n"
    found = mistakes(tmp_path, f"[dock]\nid = 'A'\n{source * 2}{store * 2}")
    assert found.keys() == {
        "source[2].serial",
        "source[2].path",
        "destination[2].name",
        "destination[2].path",
    }


S3 = """
kind = "s3"
endpoint = "https://s3.example.org"
bucket = "evidence"
access_key_file = "/etc/bwvdock/key"
secret_key_file = "s3-secret"
object_lock = "compliance"
"""
TUS = """
kind = "tus"
url = "https://tus.example.org/files/"
headers = { X-Station = "LEW" }
bearer_token_file = "/etc/bwvdock/token"
client_cert = "/etc/bwvdock/cert.pem"
client_key = "/etc/bwvdock/key.pem"
"""


@pytest.mark.parametrize("store,kind", [(S3, S3Store), (TUS, TusStore)])
def test_stores_behind_a_network(tmp_path: Path, store: str, kind: type) -> None:
    config = read(tmp_path, f"[dock]\nid = 'A'\n[[destination]]\nname = 'a'\n{store}")
    assert [type(d) for d in config.destinations] == [kind]


@pytest.mark.parametrize(
    "change,table",
    [
        ("[upload]\nlimit = '1 MB/s'", None),
        ("[admission]\nmode = 'any'", None),
        ("[upload]\nparallel = 9", "[upload] parallel"),
        ("[[destination]]\nname = 'a'\nkind = 'directory'\npath = '/v'", "[[destination]]"),
        ("[spool]\nmin_free = '1 GiB'", "[spool]"),
        ("[retention]\nnon_evidential_days = 7", None),
        ("[absence]\ndays = 3", None),
    ],
)
def test_what_a_changed_file_says_that_only_a_restart_takes_up(
    tmp_path: Path, change: str, table: str | None
) -> None:
    old, new = read(tmp_path, "[dock]\nid = 'A'"), read(tmp_path, f"[dock]\nid = 'A'\n{change}")
    assert needs_restart(old, new) == ([table] if table else [])
    used = until_restart(old, new)
    assert needs_restart(old, used) == []
    assert (used == new) is not bool(table)


def test_cameras_are_erased_only_if_the_file_says_so(tmp_path: Path) -> None:
    config = read(tmp_path, "[dock]\nid = 'A'\n[release]\nerase = 'after-verified'")
    assert (config.erase, config.reread) == ("after-verified", True)


@pytest.mark.parametrize(
    "store,line,key",
    [
        (S3, "bucket = 'Evidence!'", "bucket"),
        (S3, "endpoint = 's3.example.org'", "endpoint"),
        (S3, "object_lock = 'on'", "object_lock"),
        (TUS, "url = 'https://tus.example.org/?a=b'", "url"),
        (S3, "region = 'eu west'", "region"),
        (S3, "prefix = '../others'", "prefix"),
        (S3, "prefix = 'docks/./lewisham'", "prefix"),
        (TUS, "headers = { Authorization = 'Bearer x' }", "headers"),
        (TUS, 'headers = { X-Station = "LEW\\r\\nX-Admin: yes" }', "headers"),
        (TUS, 'headers = { X-Station = "L\\u00e9w" }', "headers"),
        (TUS, "headers = { X-Station = ' LEW' }", "headers"),
        (TUS, "headers = { Content-Length = '5' }", "headers"),
        (TUS, "headers = { upload-offset = '0' }", "headers"),
        (TUS, "headers = { X-Station = 'LEW', x-station = 'BRO' }", "headers"),
        (TUS, "header_files = { Host = '/etc/bwvdock/key' }", "header_files"),
        (TUS, "header_files = { Authorization = '/etc/bwvdock/key' }", "header_files"),
        (TUS, "header_files = { x-station = '/etc/bwvdock/key' }", "header_files"),
        (TUS, "client_key = 3", "client_key"),
    ],
)
def test_their_keys_are_checked(tmp_path: Path, store: str, line: str, key: str) -> None:
    name = line.split(" = ", maxsplit=1)[0]
    lines = [*(old for old in store.splitlines() if not old.startswith(f"{name} ")), line]
    text = "[dock]\nid = 'A'\n[[destination]]\nname = 'a'\n" + "\n".join(lines)
    assert f"destination[1].{key}" in mistakes(tmp_path, text)


def test_a_certificate_needs_its_key(tmp_path: Path) -> None:
    store = TUS.replace('client_key = "/etc/bwvdock/key.pem"\n', "")
    found = mistakes(tmp_path, f"[dock]\nid = 'A'\n[[destination]]\nname = 'a'\n{store}")
    assert "client_key" in found["destination[1].client_cert"]


@pytest.mark.parametrize(
    "line",
    [
        'secret_key = "hunter22"',
        'bearer_token = "hunter22"',
        'password = "hunter22"',
        'url = "https://ann:hunter22@tus.example.org/"',
        'url = "https://tus.example.org/files/?token=hunter22"',
        'bearer_token_file = "hunter22/+=="',
        'headers = ["Authorization: Bearer hunter22"]',
        'headers = { "Authorization: Bearer hunter22" = "" }',
    ],
)
def test_a_secret_is_never_shown(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, f"[dock]\nid = 'A'\n[[destination]]\nname = 'a'\nkind = 'tus'\n{line}\n")
    assert "hunter22" not in caught.value.message
    assert line.split(" =", maxsplit=1)[0] in caught.value.message


def test_what_is_no_toml_tells_the_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="line 3"):
        read(tmp_path, '[dock]\nid = "A"\nsite = Lewisham\n')


def test_what_is_no_text_tells_the_line(tmp_path: Path) -> None:
    path = tmp_path / "bwvdock.toml"
    path.write_bytes(b'[dock]\nid = "\xff"\n')
    with pytest.raises(ConfigError, match=r"UTF-8 text \(line 2\)"):
        load(path)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="There is no configuration") as caught:
        load(tmp_path / "gone.toml")
    assert "--config" in caught.value.remedy
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


def test_who_may_not_read_it_is_told_who_may(fs: FakeFilesystem) -> None:
    """Whoever runs the tests: in this file system in memory root is somebody too."""
    from pyfakefs.helpers import set_gid, set_uid  # noqa: PLC0415 - the fixture fs says why

    path = default_path({})
    fs.create_file(path, contents='[dock]\nid = "LEW-03"', st_mode=S_IFREG | 0o640)
    os.chown(path, 0, BWVDOCK)
    set_uid(SOMEBODY)
    set_gid(SOMEBODY)
    with pytest.raises(ConfigError, match=r"You may not read /etc/bwvdock/bwvdock\.toml") as caught:
        load(path)
    assert "group bwvdock" in caught.value.remedy
    set_gid(BWVDOCK)
    assert load(path).dock == "LEW-03"


def test_the_environment_may_name_the_file() -> None:
    assert default_path({}) == Path("/etc/bwvdock/bwvdock.toml")
    assert default_path({"BWVDOCK_CONFIG": "/srv/dock.toml"}) == Path("/srv/dock.toml")


def test_the_docks_zone_is_named_or_the_machines() -> None:
    assert str(zoned('time_zone = "America/New_York"').zone) == "America/New_York"
    assert zoned("").time_zone == ""
    assert needs_restart(zoned(""), zoned('time_zone = "America/New_York"')) == ["[dock]"]
    with pytest.raises(MistakesError, match="timedatectl list-timezones"):
        zoned('time_zone = "Lewisham"')


def zoned(line: str) -> Config:
    return parse(tomllib.loads(f'[dock]\nid = "L"\n{line}'), file=Path("f"), content=b"")


def test_a_file_that_windows_saved_as_utf_8_is_read(tmp_path: Path) -> None:
    file = tmp_path / "bwvdock.toml"
    file.write_bytes("[dock]\r\nid = 'LEW-03'\r\n".encode("utf-8-sig"))
    assert load(file).dock == "LEW-03"
