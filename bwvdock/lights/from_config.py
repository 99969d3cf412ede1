"""Which lights does a configuration ask for? Each way is loaded where it is configured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bwvdock.config.light.settings import LightSettings
from bwvdock.core.ports.light import Light
from bwvdock.errors import LightError
from bwvdock.lights.lights import Lights
from bwvdock.runtime.workers import log_traceback
from bwvdock.status.for_screen import for_screen_from_json


def lights_of(settings: LightSettings, answer: Callable[[], Mapping[str, Any]]) -> Lights:
    """Return the lights that [light] asks for; none by default, and then nothing runs.

    Args:
        settings: what it says.
        answer: asks the dock's own thread what a screen shows.
    """
    return Lights(_by_kind(settings), lambda: for_screen_from_json(answer()), log_traceback)


def reset_lights(settings: LightSettings) -> Mapping[str, LightError | None]:
    """Reset the lights that [light] asks for; return why not, by kind, None where it was done."""
    done: dict[str, LightError | None] = {}
    for kind, light in _by_kind(settings).items():
        try:
            light.reset()
        except LightError as error:
            done[kind] = error
        else:
            done[kind] = None
    return done


def _by_kind(settings: LightSettings) -> dict[str, Light]:
    lights: dict[str, Light] = {}
    if settings.command:
        from bwvdock.edges.lighting.command import CommandLight  # noqa: PLC0415 - see above

        lights["exec"] = CommandLight(settings.command, seconds=settings.seconds)
    if settings.hub:
        from bwvdock.edges.cameras.mtp.camera import libusb  # noqa: PLC0415 - pyusb is large
        from bwvdock.edges.lighting.hub import HubLight  # noqa: PLC0415

        lights["hub"] = HubLight(libusb)
    return lights
