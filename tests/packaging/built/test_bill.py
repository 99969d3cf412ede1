"""Is the bill of materials valid, and does it list what is in the package: no more, no less?"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.architecture.tree import ROOT
from tests.packaging.built.building import LIBRARY, Package

Document = dict[str, Any]


@pytest.fixture(scope="module")
def bill(package: Package) -> Document:
    # Loaded here: its grammars take half a second to load, also where no package is looked at.
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    text = (package.tree / "usr/share/doc/bwvdock/sbom.cdx.json").read_text(encoding="utf-8")
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    assert wrong is None, wrong
    return dict(json.loads(text))


def everything(components: list[Document]) -> Iterator[Document]:
    for component in components:
        yield component
        yield from everything(component.get("components", []))


def test_it_lists_the_python_packages_that_are_there(bill: Document, package: Package) -> None:
    there = {
        tuple(path.name.removesuffix(".dist-info").split("-"))
        for path in (package.tree / LIBRARY).glob("*.dist-info")
    }
    listed = {(part["name"].replace("-", "_"), part["version"]) for part in bill["components"]}
    assert listed == there
    assert bill["metadata"]["component"]["version"] == package.field("Version")


def test_each_came_in_a_wheel_that_the_lock_names(bill: Document) -> None:
    lock = (ROOT / "requirements/runtime.txt").read_text()
    for part in bill["components"]:
        [origin] = part["externalReferences"]
        [digest] = origin["hashes"]
        block = re.search(
            rf"^{part['name']}=={re.escape(part['version'])} .*?^(?=\S)", lock + "#", re.MULTILINE | re.DOTALL
        )
        assert block
        assert f"sha256:{digest['content']}" in block[0]


def test_each_library_has_the_hash_that_it_has_on_a_dock(bill: Document, package: Package) -> None:
    listed = {
        part["name"]: part["hashes"][0]["content"]
        for part in everything(bill["components"])
        if part["type"] == "file"
    }
    assert listed == {
        f"/{path.relative_to(package.tree)}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in package.libraries()
    }


def test_it_names_the_openssl_inside(bill: Document) -> None:
    """What is compiled into a library is what most advisories are about."""
    inside = {part["name"]: part for part in everything(bill["components"])}
    assert inside["openssl"]["purl"].startswith("pkg:")
    parents = [
        p["name"] for p in bill["components"] if any(c["name"] == "openssl" for c in p.get("components", ()))
    ]
    assert parents == ["cryptography"]


def test_what_each_needs_is_listed(bill: Document) -> None:
    needs = {part["ref"]: set(part.get("dependsOn", ())) for part in bill["dependencies"]}
    assert needs["cryptography"] == {"cffi"}
    assert needs["cffi"] == {"pycparser"}
    assert {"botocore", "cryptography", "pyudev"} <= needs["bwvdock"]
    reached, todo = set(), ["bwvdock"]
    while todo:
        name = todo.pop()
        reached.add(name)
        todo += needs[name] - reached
    assert reached == {"bwvdock"} | {part["name"] for part in bill["components"]}
