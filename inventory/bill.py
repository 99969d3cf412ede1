"""The CycloneDX bill of materials of the package."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.contact import OrganizationalContact, OrganizationalEntity
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from inventory.distributions import LIBRARY, Distribution

SHA256 = HashAlgorithm.SHA_256


def bill(root: Path, version: str, made_at: int, found: list[Distribution]) -> str:
    """Return the bill of materials as JSON: the same text for the same package.

    Args:
        root: the tree of the package.
        version: of the package.
        made_at: seconds since 1970, of what the package was built from.
        found: the Python packages in it.
    """
    ours = Component(
        name="bwvdock",
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref="bwvdock",
        purl=PackageURL("generic", None, "bwvdock", version),
        licenses=[LicenseFactory().make_from_string("Apache-2.0")],
    )
    bom = Bom(serial_number=_serial(version, found), metadata=None)
    bom.metadata.timestamp = datetime.fromtimestamp(made_at, UTC)
    bom.metadata.component = ours
    components = {distribution.name: _component(root, distribution) for distribution in found}
    bom.components.update(components.values())
    needed = {name for distribution in found for name in distribution.requires}
    bom.register_dependency(ours, [components[name] for name in sorted(components.keys() - needed)])
    for distribution in found:
        wanted = [components[name] for name in sorted(distribution.requires)]
        bom.register_dependency(components[distribution.name], wanted)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _serial(version: str, found: list[Distribution]) -> uuid.UUID:
    """Return one that is always the same for the same contents."""
    text = "\n".join([version, *(distribution.sha256 for distribution in found)])
    return uuid.uuid5(uuid.NAMESPACE_OID, text)


def _component(root: Path, distribution: Distribution) -> Component:
    return Component(
        name=distribution.name,
        version=distribution.version,
        type=ComponentType.LIBRARY,
        bom_ref=distribution.name,
        authors=[OrganizationalContact(name=distribution.authors)],
        purl=PackageURL("pypi", None, distribution.name, distribution.version),
        licenses=[LicenseFactory().make_from_string(distribution.licence)],
        external_references=[
            ExternalReference(
                type=ExternalReferenceType.DISTRIBUTION,
                url=XsUri(distribution.wheel),
                comment="the wheel that it was unpacked from; the symbols of its libraries were taken out",
                hashes=[HashType(alg=SHA256, content=distribution.sha256)],
            )
        ],
        components=[
            *(_binary(root, distribution, file) for file in distribution.binaries),
            *(part for bom in distribution.boms for part in _inside(distribution, bom)),
        ],
    )


def _binary(root: Path, distribution: Distribution, file: str) -> Component:
    """Return a compiled library, with the hash that it has on a dock."""
    content = (root / LIBRARY / file).read_bytes()
    return Component(
        name=f"/{LIBRARY}/{file}",
        type=ComponentType.FILE,
        bom_ref=f"{distribution.name}/{file}",
        hashes=[HashType(alg=SHA256, content=hashlib.sha256(content).hexdigest())],
    )


def _inside(distribution: Distribution, bom: Mapping[str, Any]) -> Iterator[Component]:
    """Return what its makers say is compiled into it: OpenSSL, crates of Rust."""
    for said in bom.get("components", ()):
        name, version = said["name"], said.get("version")
        licences = [choice["expression"] for choice in said.get("licenses", ()) if "expression" in choice]
        yield Component(
            name=name,
            version=version,
            type=ComponentType.LIBRARY,
            bom_ref=f"{distribution.name}/{name}@{version}",
            supplier=OrganizationalEntity(name=distribution.authors),
            purl=PackageURL.from_string(said["purl"]) if "purl" in said else None,
            licenses=[LicenseFactory().make_from_string(expression) for expression in licences],
            hashes=[
                HashType(alg=HashAlgorithm(digest["alg"]), content=digest["content"])
                for digest in said.get("hashes", ())
            ],
            properties=[Property(name="bwvdock:stated-by", value=distribution.wheel)],
        )
