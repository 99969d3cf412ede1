"""Is the configuration right, and does the running daemon use it?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from bwvdock.config.disks import ONE_DISK, REMEDY, forbids_erasing
from bwvdock.config.feeds.checks import check_feeds
from bwvdock.config.notify.checks import check_notify
from bwvdock.config.placeholders import placeholders
from bwvdock.config.settings import Config, misplaced
from bwvdock.config.store_checks import check_files
from bwvdock.config.toml_table import Mistake
from bwvdock.config.warnings import warnings
from bwvdock.doctor.findings import Check, Finding, error, ok, warning
from bwvdock.edges.rights import as_owner_of, may_enter
from bwvdock.errors import ConfigError, StorageError
from bwvdock.notify.codes import unknown_codes
from bwvdock.service.journal_identity import renamed
from bwvdock.units import format_count

_CHECK = "bwvdock config check"


def mistakes_in(config: Config, found: Sequence[Mistake] = ()) -> list[Mistake]:
    """Return the mistakes of a configuration: those found in the file, and in what it names.

    Args:
        config: the part of the file that can be read.
        found: the mistakes that reading it found.
    """
    all_of_them = [*found, *placeholders(config)]
    all_of_them += misplaced(config, {mistake.key for mistake in all_of_them}, real=True)
    for number, store in enumerate(config.destinations, start=1):
        all_of_them += check_files(store, f"destination[{number}]")
    all_of_them += [*check_notify(config.notify), *unknown_codes(config), *check_feeds(config.feeds)]
    all_of_them += _policy(config)
    if "dock.id" not in {mistake.key for mistake in all_of_them}:
        all_of_them += _renamed(config)
    if forbids_erasing(config):
        what = f"would erase cameras while {ONE_DISK}"
        value = f'"{config.erase}"'
        all_of_them.append(Mistake(key="release.erase", value=value, message=what, remedy=REMEDY))
    return all_of_them


def _policy(config: Config) -> Sequence[Mistake]:
    """Return whether the policy of witnesses cannot be used: the dock would run, and erase nothing."""
    path = config.custody.policy
    if path is None:
        return []
    from bwvdock.service.witnessing import policy_at  # noqa: PLC0415 - few docks have one

    try:
        policy_at(path)
    except StorageError as wrong:
        return [
            Mistake(key="custody.policy", value=f'"{path}"', message=wrong.message, remedy="correct the file")
        ]
    return []


def _renamed(config: Config) -> Sequence[Mistake]:
    """Return whether the journal is another dock's, if this user may see that."""
    if not may_enter(config.state_dir) or not config.state_dir.is_dir():
        return []
    with suppress(StorageError), as_owner_of(config.state_dir):
        return list(renamed(config))
    return []


def unreadable(trouble: ConfigError) -> Finding:
    """Return that the file cannot be used at all: every mistake is in the words of the error."""
    return error(
        Check.CONFIGURATION,
        trouble.message,
        "The daemon does not start with this file; a running one continues with what it read before.",
        trouble.remedy or _CHECK,
    )


def check_configuration(config: Config, pending: Sequence[str]) -> Iterator[Finding]:
    """Return each mistake and each warning, and what the running daemon does not use yet.

    Args:
        config: the file that was read.
        pending: the tables that the daemon takes up when it is restarted.
    """
    wrong, cautions = mistakes_in(config), list(warnings(config))
    for mistake in wrong:
        yield error(
            Check.CONFIGURATION,
            str(mistake),
            "The daemon does not start, or does not do what the file says.",
            f"Correct {config.file}, then: {_CHECK}",
            subject=mistake.key,
        )
    for caution in cautions:
        yield warning(
            Check.CONFIGURATION,
            f"{caution.key} = {caution.value}: {caution.message}" if caution.value else caution.message,
            "The file is valid, and this may not be what you want.",
            caution.remedy,
            subject=caution.key,
        )
    if pending:
        yield warning(
            Check.CONFIGURATION,
            f"{', '.join(pending)} changed after the running daemon read the file",
            "The daemon continues with what it read.",
            f"{_CHECK}; then: sudo systemctl restart bwvdock",
            subject="in force",
        )
    if not (wrong or cautions or pending):
        stores = format_count(len(config.destinations), "destination")
        yield ok(Check.CONFIGURATION, f"{config.file} is valid: dock {config.dock}, {stores}")
