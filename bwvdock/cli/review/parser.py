"""Which options has the command that reviews footage?"""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from bwvdock.cli.building import add


def _review(arguments: Namespace) -> int:
    from bwvdock.cli.review.commands import review  # noqa: PLC0415 - as `call` does

    return review(arguments)


def _restore(arguments: Namespace) -> int:
    from bwvdock.cli.review.commands import restore  # noqa: PLC0415 - as `call` does

    return restore(arguments)


def add_restore(group: Any) -> None:  # noqa: ANN401
    """Add the command that brings back what was disposed of."""
    parser = add(
        group,
        "restore",
        _restore,
        "bring back vaults' copies of clips that were disposed of less than grace_days ago, and hold them",
        "bwvdock clips restore 01kge4 --reason 'complaint 12/26'",
    )
    parser.add_argument("clips", metavar="CLIP", nargs="+", help="the clip's id, or a unique beginning of it")
    parser.add_argument("--reason", metavar="R", required=True, help="the reason, recorded in the journal")


def add_review(group: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    """Add the command that records a review."""
    parser = add(
        group,
        "review",
        _review,
        "record that you have reviewed clips, and give them a class of [[retention.class]]",
        "bwvdock clips review 01kge4 --class use-of-force",
    )
    parser.add_argument("clips", metavar="CLIP", nargs="+", help="the clip's id, or a unique beginning of it")
    parser.add_argument(
        "--class",
        dest="of_class",
        metavar="NAME",
        default="",
        help="the class; without it the clips are reviewed and need none",
    )
    parser.add_argument("--reason", metavar="R", default="", help="the reason, recorded in the journal")
    parser.add_argument(
        "--instead",
        action="store_true",
        help="this class takes the place of those that the clips have; needs --reason",
    )
