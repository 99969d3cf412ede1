"""Which proxy does each store use, and is every mistake about it found?"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bwvdock.config.settings import Config, MistakesError, needs_restart, parse
from bwvdock.config.store_checks import check_files
from bwvdock.config.stores import DIRECTLY, DirectoryStore, ProxyUse

TUS = """[[destination]]
name = "county"
kind = "tus"
url = "https://evidence.example.org/files/"
"""
S3 = """[[destination]]
name = "archive"
kind = "s3"
endpoint = "https://s3.example.org"
bucket = "evidence"
access_key_file = "/etc/bwvdock/access"
secret_key_file = "/etc/bwvdock/secret"
"""
HERE = 'proxy = "http://proxy.example.org:3128"\n'


def proxies(text: str) -> list[ProxyUse]:
    document = tomllib.loads(f'[dock]\nid = "LEW-03"\n{text}')
    config = parse(document, file=Path("bwvdock.toml"), content=b"")
    return [store.proxy for store in config.destinations if not isinstance(store, DirectoryStore)]


def test_without_a_proxy_stores_are_reached_directly() -> None:
    assert proxies(TUS + S3) == [DIRECTLY, DIRECTLY]


def test_each_store_has_its_own_or_that_of_all() -> None:
    everybody = '[upload]\nproxy = "http://all:8080/"\nproxy_credentials_file = "/etc/bwvdock/proxy"\n'
    common = ProxyUse(url="http://all:8080/", credentials_file="/etc/bwvdock/proxy")
    own = ProxyUse(url="http://proxy.example.org:3128")
    assert proxies(everybody + TUS + S3) == [common, common]
    assert proxies(everybody + TUS + HERE + S3 + 'proxy = "none"\n') == [own, DIRECTLY]


@pytest.mark.parametrize(
    "text, key, what",
    [
        ('proxy = "https://proxy.example.org:3128"', "destination[1].proxy", "http://proxy.example.org:3128"),
        ('proxy = "proxy.example.org:3128"', "destination[1].proxy", "begins with"),
        ('proxy = "http://me:secret@proxy:3128"', "destination[1].proxy", "without user and password"),
        ('proxy = "http://proxy:3128/way"', "destination[1].proxy", "http://proxy.example.org:3128"),
        ('proxy_credentials_file = "/p"', "destination[1].proxy_credentials_file", "useless without proxy"),
        ('proxy = "none"\nproxy_credentials_file = "/p"', "destination[1].proxy_credentials_file", "useless"),
    ],
)
def test_a_mistake_is_found(text: str, key: str, what: str) -> None:
    with pytest.raises(MistakesError) as caught:
        proxies(TUS + text)
    [mistake] = caught.value.mistakes
    assert mistake.key == key
    assert what in f"{mistake.message} {mistake.remedy}"
    assert "secret@" not in str(caught.value)


def test_a_folder_has_no_proxy() -> None:
    with pytest.raises(MistakesError):
        proxies('[[destination]]\nname = "vault"\nkind = "directory"\n' + HERE)


def test_a_changed_proxy_waits_for_a_restart() -> None:
    def read(text: str) -> Config:
        document = tomllib.loads(f'[dock]\nid = "LEW-03"\n[upload]\n{text}\n{TUS}')
        return parse(document, file=Path("bwvdock.toml"), content=b"")

    old, new = read(""), read(HERE)
    assert needs_restart(old, new) == ["[[destination]]"]


def test_credentials_are_a_user_and_a_password(tmp_path: Path) -> None:
    file = tmp_path / "proxy"
    file.write_text("password\n")
    text = f'[dock]\nid = "LEW-03"\n{TUS}{HERE}proxy_credentials_file = "{file}"\n'
    config = parse(tomllib.loads(text), file=Path("bwvdock.toml"), content=b"")
    [wrong] = check_files(config.destinations[0], "destination[1]")
    assert wrong.key == "destination[1].proxy_credentials_file"
    assert "colon" in wrong.message
    file.write_text("dock:password\n")
    assert list(check_files(config.destinations[0], "destination[1]")) == []
