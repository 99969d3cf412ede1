"""Does a camera's own settings file tell its serial, and nothing that was not read?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from bwvdock.core.media.fields import FieldFormat
from bwvdock.core.media.profile import SerialRule
from bwvdock.errors import CameraGoneError
from bwvdock.stages.find.camera_files import told_serial
from tests.fakes.camera import camera_with
from tests.stages.test_find import DCF, A

SERIAL = replace(DCF, serial=SerialRule(file="MISC/id.txt", key="SN=(.*)", format=FieldFormat.REGEX))


def test_a_settings_file_tells_the_serial() -> None:
    volume = camera_with({A: b"footage", "misc/ID.TXT": b"SN=BC3-17\r\n"})
    assert told_serial(volume, profiles=[SERIAL], usb="") == "BC3-17"
    assert told_serial(volume, profiles=[DCF], usb="") == ""
    assert set(volume.bytes_read) == {"misc/ID.TXT"}


def test_a_settings_file_that_cannot_be_read_tells_nothing() -> None:
    volume = camera_with({A: b"footage", "MISC/id.txt": b"SN=BC3-17"})
    volume.files["MISC/id.txt"].bad_at = 0
    assert told_serial(volume, profiles=[SERIAL], usb="") == ""
    assert told_serial(camera_with({A: b"x"}), profiles=[SERIAL], usb="") == ""


def test_a_yank_while_the_settings_are_read_is_a_yank() -> None:
    volume = camera_with({A: b"footage", "MISC/id.txt": b"SN=BC3-17"})
    volume.files["MISC/id.txt"].yank_at = 0
    with pytest.raises(CameraGoneError):
        told_serial(volume, profiles=[SERIAL], usb="")
