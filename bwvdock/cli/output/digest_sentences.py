"""How does it read what a camera's own digests say of a clip?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bwvdock.cli.output.texts import Data
from bwvdock.core.facts.comparing import DIFFERS, FAILED, MATCH, NOT_COMPARABLE, OTHER, SAME

ALGORITHMS = {
    "md5": "MD5",
    "sha1": "SHA-1",
    "sha224": "SHA-224",
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
    "axis-signed-video": "Axis signed video",
    "onvif-media-signing": "ONVIF media signing",
}
_OVERALL = {
    MATCH: "the camera's own digest matches what was received",
    DIFFERS: "the camera's own digest DIFFERS from what was received",
    NOT_COMPARABLE: "the camera attests the footage, and the dock could not compare that",
}
_AGAIN = {
    SAME: "; read from the camera a second time: the same bytes as received",
    OTHER: "; read from the camera a second time: OTHER bytes than received",
    FAILED: "; it could not be read from the camera a second time",
}


def compared(data: Data) -> str:
    """Return the sentence of an entry: the outcome, and what each line of the camera's says."""
    told = "; ".join(_one(one) for one in data.get("compared") or ())
    return f"{overall(str(data.get('outcome')))}: {told}{_AGAIN.get(data.get('read_again') or '', '')}"


def overall(outcome: str) -> str:
    """Return what an outcome means, in a few words."""
    return _OVERALL.get(outcome, outcome)


def _one(one: Mapping[str, Any]) -> str:
    part = f"sidecar {one['part']}" if one["part"] else "the footage"
    where = "in the footage" if one["listed_in"] < 0 else f"in sidecar {one['listed_in']}"
    algorithm = ALGORITHMS.get(one["algorithm"], one["algorithm"])
    because = f" ({one['reason']})" if one["reason"] else ""
    match one["outcome"]:
        case "match":
            return f"{algorithm} of {part}, {where}, is {one['stated']}, as received{because}"
        case "differs":
            received = f"{algorithm} of what was received is {one['found']}"
            return f"{algorithm} of {part}, {where}, is {one['stated']}; {received}{because}"
        case _:
            return f"{algorithm} {where}: not compared{because}".lstrip()
