"""Where is a command of the documents typed: in a checkout, beside a running dock, at the virtual dock?

A new page or command finds its place by itself. What can be typed nowhere is listed here with the reason.
"""

from __future__ import annotations

import re
from enum import Enum

from tests.docs.pages import Block, blocks, pages


class Place(Enum):
    """Who types it, and where."""

    CHECKOUT = "a developer, in a checkout: tests/docs/test_pages.py"
    DESK = "somebody beside a running dock, which is nobody's service: tests/docs/test_pages.py"
    DOCK = "an operator, at the virtual dock with the package: tests/vm/test_pages.py"


# Exact texts. What is here is typed by no test, and each has a good reason.
NOT_TYPED: dict[str, str] = {
    "make deb": "`make vm-test` runs it before any scenario: what it builds is what is installed there",
    "bwvdock doctor": "a checkout is not installed, and it says so: tests/vm/test_doctor.py types it",
    "bwvdock feed test": "it needs an evidence system: tests/feeds/test_whole_dock.py types it",
    "bwvdock notify test": "it needs somebody who is notified: tests/notify/test_command.py types it",
    "sudo bwvdock notify test": "the same, at the end of the how-to",
    "bwvdock cameras checkout --officer 4411": "it needs badges: tests/service/test_checkout.py types it",
    "bwvdock cameras enrol --import cameras.csv": "it needs a list: tests/cli/lists/test_enrol.py types it",
    "aws s3api put-bucket-lifecycle-configuration --bucket bwv-evidence "
    "--lifecycle-configuration file://rules.json": "AWS's program, and a bucket",
}

# Pages that want more than one dock, or a PC without one: each is a scenario of the virtual dock by itself.
SCENARIOS = {
    "README.md": "tests/vm/test_first_hour.py",
    "docs/how-to/back-up-and-move-a-dock.md": "tests/vm/test_backup.py",
    "docs/how-to/encrypt-the-disk.md": "tests/vm/test_encryption.py",
    "docs/how-to/install-docks-in-bulk.md": "tests/vm/test_first_hour.py",
    "docs/tutorial/first-hour.md": "tests/vm/test_first_hour.py",
}

IN_A_CHECKOUT = ("README.md", "CONTRIBUTING.md", "docs/tutorial/first-dock.md")
_OF_A_DOCK = re.compile(
    r"(?:^|[|;&(]\s*)(?:sudo|sudoedit|apt|apt-get|dpkg\S*|systemctl|systemd-\S+|journalctl|udevadm|man)\b",
    re.MULTILINE,
)
_ALIAS = re.compile("alias bwvdock=")
_TUTORIALS = "docs/tutorial/"


def place_of(block: Block) -> Place:
    """Return where a block is typed: tutorials as a whole, since each step wants those before it."""
    told = blocks(block.page) if block.page.startswith(_TUTORIALS) else [block]
    typed = [command.typed for other in told if other.shell for command in other.commands]
    if any(map(_OF_A_DOCK.search, typed)):
        return Place.DOCK
    if block.page not in IN_A_CHECKOUT:
        return Place.DESK
    installed = any(command.startswith("bwvdock ") for command in typed)  # in a checkout nothing is
    return Place.DOCK if installed and not any(map(_ALIAS.match, typed)) else Place.CHECKOUT


def typed_at(place: Place) -> dict[str, list[Block]]:
    """Return the blocks that are typed in a place, by their pages."""
    found = {page: [b for b in blocks(page) if b.shell and place_of(b) is place] for page in pages()}
    return {page: kept for page, kept in found.items() if kept}


def advice(block: Block) -> str:
    """Return what to do about a command that does not work."""
    where = SCENARIOS.get(block.page, place_of(block).value)
    return (
        f"{block.where}: typed by {where}. Correct the page. What can be typed nowhere goes "
        "into NOT_TYPED in tests/docs/places.py, with the reason; a block that is not for typing says what "
        "it is, for instance ```text."
    )
