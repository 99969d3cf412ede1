"""Places in each other's way are mistakes, whatever names them."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

from bwvdock.cli import main
from bwvdock.config.places import Places, overlaps
from bwvdock.config.settings import MistakesError, load

HEAD = '[dock]\nid = "D-1"\nstate_dir = "{0}/state"\n'
VAULT = '[[destination]]\nname = "{0}"\nkind = "directory"\npath = "{1}"\n'
SOURCE = '[[source]]\nkind = "folder"\npath = "{1}"\nserial = "CAM-{0}"\n'
TUS = '[[destination]]\nname = "{0}"\nkind = "tus"\nurl = "{1}"\n'


def keys(folder: Path, text: str) -> set[str]:
    file = folder / "bwvdock.toml"
    file.write_text(HEAD.format(folder) + text.replace("@", str(folder)), encoding="utf-8")
    try:
        load(file)
    except MistakesError as error:
        return {mistake.key for mistake in error.mistakes}
    return set()


@pytest.mark.parametrize(
    "place",
    ["", "/state", "/state/spool", "/state/spool/v", "/state/uploads", "/state/marks/x", "/state/run"],
)
def test_a_vault_is_kept_out_of_the_dock_s_own_folders(tmp_path: Path, place: str) -> None:
    assert keys(tmp_path, VAULT.format("v", f"@{place}")) - {"dock.run_dir"} == {"destination[1].path"}


@pytest.mark.parametrize("place", ["/state/vault", "/state/vaults/a", "/state2", "/elsewhere"])
def test_a_vault_may_be_beside_them(tmp_path: Path, place: str) -> None:
    assert keys(tmp_path, VAULT.format("v", f"@{place}")) == set()


@pytest.mark.parametrize("place", ["", "/state", "/state/spool", "/state/vault", "/state/vault/2026"])
def test_a_source_is_not_of_the_dock_s_own_files(tmp_path: Path, place: str) -> None:
    assert keys(tmp_path, SOURCE.format("1717", f"@{place}")) == {"source[1].path"}


def test_vaults_and_sources_are_not_in_each_other(tmp_path: Path) -> None:
    two = VAULT.format("v", "@/v") + VAULT.format("w", "@/v/w")
    assert keys(tmp_path, two) == {"destination[2].path"}
    two = SOURCE.format("1717", "@/c/d") + SOURCE.format("1718", "@/c")
    assert keys(tmp_path, two) == {"source[2].path"}
    assert keys(tmp_path, VAULT.format("v", "@/v") + SOURCE.format("1717", "@/v/c")) == {"source[1].path"}


@pytest.mark.parametrize(
    "other,same",
    [
        ("https://X.example:443/f/", True),
        ("https://x.example/f", True),
        ("https://x.example/g", False),
        ("https://x.example:8443/f/", False),
        ("http://x.example/f/", False),
    ],
)
def test_two_urls_of_one_place(tmp_path: Path, other: str, *, same: bool) -> None:
    text = TUS.format("a", "https://x.example/f/") + TUS.format("b", other)
    assert keys(tmp_path, text) == ({"destination[2].url"} if same else set())


@pytest.mark.parametrize(
    "url", ["https://[::1", "https://x:99999/", "https://x/ y", "https://", "https://\u00e4.example/"]
)
def test_a_url_that_is_none_is_one_mistake_and_no_traceback(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = TUS.format("a", url) + TUS.format("b", url)
    assert keys(tmp_path, text) == {"destination[1].url", "destination[2].url"}
    assert main(["config", "check", "--json", "--config", str(tmp_path / "bwvdock.toml")]) == 78
    assert len(json.loads(capsys.readouterr().out)["mistakes"]) == 2


def test_config_check_follows_links(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert keys(tmp_path, VAULT.format("v", "@/real") + VAULT.format("w", "@/link")) == set()
    assert main(["config", "check", "--json", "--config", str(tmp_path / "bwvdock.toml")]) == 78
    assert [m["key"] for m in json.loads(capsys.readouterr().out)["mistakes"]] == ["destination[2].path"]


def test_the_name_of_the_spool_and_a_padded_serial_are_refused(tmp_path: Path) -> None:
    assert keys(tmp_path, VAULT.format("spool", "@/v")) == {"destination[1].name"}
    assert keys(tmp_path, SOURCE.format("1717 ", "@/c")) == {"source[1].serial"}


@pytest.mark.parametrize(
    "text", ["min_free = -5", "min_free = 1.5", "min_free = true", 'min_free = "-1 GiB"', "min_free = inf"]
)
def test_a_wrong_size_says_what_a_size_is(tmp_path: Path, text: str) -> None:
    assert keys(tmp_path, f"[spool]\n{text}\n") == {"spool.min_free"}


def test_a_limit_above_the_disk_is_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert keys(tmp_path, '[spool]\nmin_free = "900000 TiB"\n') == set()
    assert main(["config", "check", "--json", "--config", str(tmp_path / "bwvdock.toml")]) == 0
    assert "spool.min_free" in {w["key"] for w in json.loads(capsys.readouterr().out)["warnings"]}


def test_every_pair_of_places() -> None:
    """Two folders that contain each other are never both accepted; two that are apart always are."""
    paths = [Path(path) for path in ("/a", "/a/b", "/a/b/c", "/ab", "/d/e", "/d")]
    for one, other in product(paths, repeat=2):
        apart = not (one.is_relative_to(other) or other.is_relative_to(one))
        for vaults, sources in (
            ((("v", one), ("w", other)), ()),
            ((("v", one),), (("s", other),)),
            ((), (("s", one), ("t", other))),
        ):
            places = Places(state_dir=Path("/s"), run_dir=Path("/r"), vaults=vaults, sources=sources)
            assert (not list(overlaps(places))) is apart
