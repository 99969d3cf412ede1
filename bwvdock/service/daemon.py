"""How does `bwvdock run` work as a service: signals, watching threads, and the watchdog?

SIGTERM and SIGINT end it within 5 s, SIGHUP reads the configuration again. Only the thread that writes the
journal feeds systemd's watchdog: a journal that hangs must be noticed.
"""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any

from bwvdock import log
from bwvdock.bays.bay import display_state
from bwvdock.config.placeholders import require_set
from bwvdock.config.profiles import load_profiles
from bwvdock.config.settings import Config, load, needs_restart
from bwvdock.core.clips.classes.veil import Veil
from bwvdock.core.clips.clip import Clip
from bwvdock.core.facts import CameraAttached, CameraDetached, ConfigReloaded, Fact
from bwvdock.core.moments import iso
from bwvdock.edges import durable
from bwvdock.edges.control import ControlServer
from bwvdock.edges.rights import close_to_others, refuse_root
from bwvdock.edges.system import Supervisor, SystemClock, hold_dock
from bwvdock.edges.udev import UdevWatch
from bwvdock.errors import BwvdockError, ConfigError, JournalFullError, NoAnswerError, StorageError
from bwvdock.feeds.from_config import FEED_TEST, feeds_of
from bwvdock.feeds.from_config import answer_test as answer_feed_test
from bwvdock.lights.from_config import lights_of
from bwvdock.log import Events, event_level
from bwvdock.notify.codes import require_codes
from bwvdock.notify.from_config import answer_test, notifier_of
from bwvdock.notify.values import NOTIFY_TEST
from bwvdock.operators.checkout.requests import OwnClipsRequest
from bwvdock.operators.daemon_client import answering, require_theirs
from bwvdock.operators.messages import Answer, Asked
from bwvdock.operators.queries import Queries
from bwvdock.operators.requests import Request, Screen, Status, more_seconds
from bwvdock.runtime.turn_priority import look_for_garbage_rarely
from bwvdock.runtime.workers import Crashed
from bwvdock.service.camera_access import HardwareAccess
from bwvdock.service.from_config import CheckInstallation, ConfiguredDock, dock_from_config
from bwvdock.service.journal_identity import require_own_name
from bwvdock.service.messages import Reload, Stop
from bwvdock.status.alert_log import AlertLog, standing_alerts

_ANSWER_SECONDS = 25.0
_ROUND_SECONDS = 10.0  # between two checks of destinations, folders and waiting bays


Sentence = Callable[[Fact], str]


def run(config: Config, *, sentence: Sentence = lambda _: "", check: CheckInstallation | None = None) -> int:
    """Run the daemon until a signal ends it; return the exit code.

    Args:
        config: the configuration.
        sentence: returns what journald shows of a fact; "" for its canonical line.
        check: checks the installation once a day; None where nobody does.

    Raises:
        MistakesError: the configuration still has a value that the package installed to be set.
        BwvdockError: it could not start, or could not continue.
    """
    require_set(config)
    require_codes(config)
    log.configure(level=config.log_level)
    clock = SystemClock()
    refuse_root(config.state_dir)
    make_directories(config)
    with ExitStack() as stack:
        stack.enter_context(hold_dock(config.state_dir))
        access = HardwareAccess(config.sources, clock, _say)
        configured = stack.enter_context(
            dock_from_config(
                config, clock=clock, access=access, tell=_Scribe(sentence).tell, say=_say, check=check
            )
        )
        configured.live_view.started_at = iso(clock.now())
        configured.live_view.silent_folders = access.silent
        configured.live_view.missing_folders = access.missing
        return _Daemon(configured, access, Supervisor()).work()


def make_directories(config: Config) -> None:
    """Create the directories that the package would have created.

    Raises:
        StorageError: they cannot be created.
    """
    for path in (config.state_dir, config.run_dir):
        try:
            _make_directory(path)
            if path == config.state_dir:
                close_to_others(path)
        except OSError as error:
            raise StorageError(
                f"{path} cannot be created: {error.strerror}. The dock needs it to store footage.",
                remedy=f"Check that its disk is not mounted read-only (findmnt -T {path.parent}); then "
                f"create it for the user that runs bwvdock: install -d -o bwvdock -g bwvdock -m 700 {path}",
            ) from error


def _make_directory(path: Path) -> None:
    # Durably: a power cut that loses the state directory's name loses the journal with it.
    if path.is_dir():
        return
    if not path.parent.is_dir():
        _make_directory(path.parent)
    above = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.close(durable.make_directory(path.name, below=above))
    finally:
        os.close(above)


def _say(event: Events, /, **told: object) -> None:
    """Log an event that is not a fact."""
    getattr(log.get_logger(), event_level(event))(event, **told)


class _Scribe:
    """Writes the log; remembers the camera of each docking, so that each line can name it."""

    def __init__(self, sentence: Sentence) -> None:
        self._sentence = sentence
        self._of_docking: dict[str, str] = {}

    def tell(self, fact: Fact, clip: Clip | None) -> None:
        """Write a fact's canonical line."""
        said = self._sentence(fact)
        if clip is not None:
            log.log_fact(log.get_logger(docking=clip.docking), fact, camera=clip.camera, sentence=said)
            return
        docking = getattr(fact, "docking", "")
        if isinstance(fact, CameraAttached):
            self._of_docking[docking] = fact.camera
        log.log_fact(log.get_logger(), fact, camera=self._of_docking.get(docking, ""), sentence=said)
        if isinstance(fact, CameraDetached):
            self._of_docking.pop(docking, None)


class _Daemon:
    """The daemon around the dock: signals, watching threads, the log."""

    def __init__(self, configured: ConfiguredDock, access: HardwareAccess, supervisor: Supervisor) -> None:
        self._configured = configured
        self._dock = configured.dock
        self._access = access
        self._supervisor = supervisor
        self._logger = log.get_logger()
        self._dock.reload = self._reload
        self._dock.alive = supervisor.alive
        self._notifier = notifier_of(configured.config, configured.dock.clock, _say)
        configured.live_view.not_notified = self._notifier.failing
        self._feeds = feeds_of(configured.config, configured.dock.clock, _say)
        configured.live_view.feeds = self._feeds.states
        self._lights = lights_of(configured.config.light, lambda: self._answer(Screen(), ""))
        configured.live_view.dark_lights = self._lights.failing
        configured.live_view.officers_on_screen = configured.config.screen.officers
        look = partial(standing_alerts, configured.config, configured.dock.clock, self._answer)
        self._alerts = AlertLog(look, configured.dock.clock, self._notifier.hear)
        self._next_round = 0.0
        self._troubles: set[tuple[str, str, str]] = set()

    def work(self) -> int:
        """Start, work until asked to stop, and shut down."""
        look_for_garbage_rarely()
        inbox = self._dock.inbox
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: inbox.put(Stop()))
        signal.signal(signal.SIGHUP, lambda *_: inbox.put(Reload()))
        # If a thread dies (udev's, the control socket's), the daemon must not run on without it.
        threading.excepthook = lambda args: inbox.put(Crashed(str(args.thread), args.exc_value))
        config = self._configured.config
        queries = Queries(
            config.journal,
            configuration={"file": os.path.realpath(config.file), "content": config.content.decode()},
            reason_required=config.reason_required,
            others={
                NOTIFY_TEST: partial(answer_test, config, self._dock.clock),
                FEED_TEST: partial(answer_feed_test, config, self._dock.clock),
            },
            veil_of=(veil_of := self._configured.access.veil_of),
        )
        handle = answering(
            self._answer, queries, veil_of=veil_of, veiled=self._answer, require=require_theirs
        )
        control = ControlServer(config.control_socket, handle, trouble=self._survived)
        with control, self._figures():
            try:
                self._configured.open()  # waits while the journal has no room; `status` is answered already
                self._serve(UdevWatch(inbox.put))
            except JournalFullError:
                self._require_stopping()
            finally:
                self._supervisor.stopping()
        self._logger.info(Events.STOPPING)
        with suppress(JournalFullError):  # then the journal does not say that the dock stopped
            self._dock.stop()
        return 0

    def _figures(self) -> AbstractContextManager[object]:
        """Return what publishes the dock's figures for Prometheus, where the configuration asks for that."""
        config = self._configured.config
        if not config.metrics.wanted:
            return nullcontext()
        from bwvdock.metrics.publisher import Publisher  # noqa: PLC0415 - its library is large
        from bwvdock.metrics.source import Source  # noqa: PLC0415

        source = Source(config, lambda: self._answer(Status(), "figures"), self._dock.turn_priority.turns)
        return Publisher(config.metrics, source, _say)

    def _serve(self, udev: UdevWatch) -> None:
        """Watch for cameras, and take turns until asked to stop."""
        udev.start()
        try:
            self._access.watch(self._dock.inbox.put)
            self._supervisor.ready()
            self._logger.info(Events.READY, dock=self._configured.config.dock)
            self._notifier.start()
            self._feeds.start()
            self._lights.start()
            self._alerts.start()
            while not self._dock.stopping:
                self._turn()
        finally:
            self._lights.stop()
            self._alerts.stop()
            self._notifier.stop()
            self._feeds.stop()
            udev.stop()
            self._access.close()

    def _require_stopping(self) -> None:
        # A dock that waits for room in its journal ends when it is told to, and at no other time.
        if not self._dock.stopping:
            raise RuntimeError("the dock gave up waiting for room in its journal")

    def _turn(self) -> None:
        self._dock.turn()
        self._supervisor.alive()
        self._say_troubles()
        if time.monotonic() >= self._next_round:
            self._next_round = time.monotonic() + _ROUND_SECONDS
            self._access.check()
            self._dock.delivery.probe()
            self._supervisor.status(self._configured.live_view.line())

    def _say_troubles(self) -> None:
        """Log each cause that prevents reading a camera, once while it lasts."""
        troubles = {
            (bay.docking, *display_state(bay, paused=False)): bay
            for bay in self._dock.dockings.bays.values()
            if bay.is_troubled
        }
        for (docking, state, reason), bay in troubles.items():
            # A camera whose card has not appeared yet is not a problem.
            if (docking, state, reason) in self._troubles or (state != "failed" and bay.trouble is None):
                continue
            event = Events.CAMERA_FAILED if state == "failed" else Events.CAMERA_WAITS
            trouble = bay.trouble
            self._logger.warning(
                event,
                camera=bay.serial,
                docking=docking,
                bay=bay.sighting.bay,
                reason=reason,
                remedy=trouble.remedy if trouble else "",
            )
        self._troubles = set(troubles)

    def _answer(self, request: Request, actor: str, veil: Veil | None = None) -> Mapping[str, Any]:
        """Answer a request from the control socket's thread through the dock's own thread."""
        if isinstance(
            request, Status | Screen | OwnClipsRequest
        ):  # what comes of an order has a line of its own
            if actor:  # not the daemon itself
                self._logger.debug(Events.STATUS_ASKED, actor=actor)
        else:
            self._logger.info(Events.OPERATOR_REQUEST, request=request.name, actor=actor)
        box: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._dock.inbox.put(Asked(request, actor, box.put, veil))
        try:
            answer = box.get(timeout=_ANSWER_SECONDS + more_seconds(request))
        except queue.Empty:
            raise NoAnswerError(
                "The daemon is running, but its journal thread does not answer: the disk may hang.",
                remedy="journalctl -u bwvdock -n 50; then check the disk: journalctl -k",
            ) from None
        if isinstance(answer, BwvdockError):
            raise answer
        return answer

    def _survived(self, what: str, error: BaseException) -> None:
        """Log what went wrong at the control socket and ended nothing."""
        self._logger.error(Events.CONTROL_TROUBLE, what=what, reason=str(error), exc_info=error)

    def _reload(self) -> None:
        self._supervisor.reloading()
        try:
            config, profiles = load(self._configured.config.file), load_profiles()
            require_set(config)
            require_codes(config)
            require_own_name(config)
        except (ConfigError, StorageError) as error:
            self._configured.live_view.config_rejected = error.message
            rejected = {"reason": error.message, "remedy": error.remedy}
            self._logger.error(Events.CONFIG_REJECTED, **rejected)  # noqa: TRY400 - no traceback for a typo
        else:
            self._configured.live_view.config_rejected = ""
            log.set_level(config.log_level)
            waits = tuple(needs_restart(self._configured.config, config))
            self._dock.ledger.record([ConfigReloaded(config_sha256=config.digest, waits=waits)])
            self._configured.reload(config, profiles)
        self._supervisor.ready()
