"""How does what notifies of alerts follow from a configuration?"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial

from bwvdock.config.notify.targets import NotifyTarget
from bwvdock.config.settings import Config
from bwvdock.core.clips.identity import ID_BYTES, make_id
from bwvdock.core.ports import Clock
from bwvdock.delivery.backoff import Backoff, DecorrelatedJitter
from bwvdock.edges.credentials import credentials_folder
from bwvdock.errors import BwvdockError, UsageError
from bwvdock.log import Say
from bwvdock.notify.notifier import Notifier
from bwvdock.notify.outbox import outbox_file
from bwvdock.notify.quiet import is_quiet
from bwvdock.notify.senders import sender_of
from bwvdock.notify.target import Dock, Target
from bwvdock.notify.values import sample_message
from bwvdock.runtime.workers import log_traceback


def notifier_of(config: Config, clock: Clock, say: Say) -> Notifier:
    """Return what notifies the targets of a configuration."""
    return Notifier([_target(config, one, clock, say) for one in config.notify], clock, log_traceback)


def _target(config: Config, one: NotifyTarget, clock: Clock, say: Say) -> Target:
    return Target(
        rules=one.rules,
        sender=sender_of(one, clock, config.zone, credentials_folder()),
        file=outbox_file(config.state_dir, one.rules.name),
        dock=Dock(id=config.dock, site=config.site),
        clock=clock,
        quiet=partial(is_quiet, one.rules.quiet, zone=config.zone),
        new_id=partial(_new_id, clock),
        say=say,
        unexpected=log_traceback,
        backoff=Backoff(clock, DecorrelatedJitter()),
    )


def answer_test(config: Config, clock: Clock, arguments: Mapping[str, str]) -> list[dict[str, object]]:
    """Return what happened to the test messages that a command asks for; raises as `send_test` does."""
    return send_test(config, clock, arguments.get("target", ""))


def send_test(config: Config, clock: Clock, name: str) -> list[dict[str, object]]:
    """Send a test message to a target, or to each where `name` is ""; return what happened to each.

    Nothing of it is kept, and nobody's thread is used but the caller's.

    Raises:
        UsageError: there is no such target.
    """
    wanted = [one for one in config.notify if name in {"", one.rules.name}]
    if not wanted:
        known = ", ".join(one.rules.name for one in config.notify)
        raise UsageError(
            f"[notify] has no target {name}." if name else "[notify] names nobody who is notified of alerts.",
            remedy=f"One of: {known}" if known else "man bwvdock.toml, [notify], shows how to name one",
        )
    return [_tested(config, one, clock) for one in wanted]


def _tested(config: Config, one: NotifyTarget, clock: Clock) -> dict[str, object]:
    message = sample_message(_new_id(clock), clock.now(), dock=config.dock, site=config.site)
    found: dict[str, object] = {"target": one.rules.name, "kind": one.kind, "id": message.id}
    try:
        answer = sender_of(one, clock, config.zone, credentials_folder()).send(message)
    except BwvdockError as error:
        return found | {"ok": False, "answer": error.message, "remedy": error.remedy}
    return found | {"ok": True, "answer": answer, "remedy": ""}


def _new_id(clock: Clock) -> str:
    return make_id(int(clock.now().timestamp() * 1000), os.urandom(ID_BYTES))
