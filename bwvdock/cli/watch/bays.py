"""How are docked cameras shown: a row each, or in columns where a terminal is too small for that?

The order is that of the bays and changes with nothing else, so that no row jumps. Those that need a person
are marked, and come first only where not all cameras can be shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from bwvdock.cli.output.console import cells, size
from bwvdock.cli.output.status_text import LABELS, natural, progress, remark
from bwvdock.cli.watch.texts import GRAVE, MILD, QUIET, SAFE, STRONG, Glyphs, styled
from bwvdock.status.pace import Pace, Paces, said_left
from bwvdock.status.values import CameraState, LiveCamera

UNKNOWN = "NOT KNOWN"
_GAP, _STATE, _RATE, _LEFT, _BARS = 2, 16, 10, 7, (10, 5)
_LEAST_NAME, _USUAL_NAME, _MOST_OFFICER = 8, 12, 12
_SHORT, _LEAST_CELL = 9, 18
_SHORT_WORDS = {
    CameraState.ATTACHED: "reading",
    CameraState.WAITING: "waiting",
    CameraState.COPYING: "copying",
    CameraState.SAFE_TO_REMOVE: "SAFE",
    CameraState.REFUSED: "REFUSED",
    CameraState.FAILED: "FAILED",
}
_STYLES = {
    CameraState.COPYING: MILD,
    CameraState.SAFE_TO_REMOVE: SAFE,
    CameraState.REFUSED: GRAVE,
    CameraState.FAILED: GRAVE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Bays:
    """The docked cameras as they are to be drawn. `old`: they are from an earlier answer of the daemon."""

    cameras: Sequence[LiveCamera]
    paces: Paces
    glyphs: Glyphs
    old: bool = False

    def lines(self, width: int, rooms: Sequence[int]) -> list[Text]:
        """Return the fullest form that fits: rows with remarks, rows, then columns of cameras.

        Args:
            width: in columns of the terminal.
            rooms: how many lines it may have; a later number is used only where an earlier one is too small
                for all cameras, and in the last of them some are left out, and counted.
        """
        if not self.cameras:
            return []
        cameras = sorted(self.cameras, key=lambda camera: natural(camera.bay))
        fit = max(1, (width + _GAP) // (_LEAST_CELL + _GAP))
        columns = range(min(2, fit), fit + 1)
        rows = self._rows(cameras, width)
        whole = [line for row, below in rows for line in (row, *below)]
        for most in rooms:
            if len(whole) <= most:
                return whole
            if len(rows) <= most:
                return [row for row, _ in rows]
            for count in columns:
                if 1 + -(-len(cameras) // count) <= most:
                    return self._grid(cameras, width, count)
        return self._first(cameras, width, columns[-1], max(1, *rooms))

    # --- a row each ----------------------------------------------------------------------------------

    def _rows(self, cameras: Sequence[LiveCamera], width: int) -> list[tuple[Text, list[Text]]]:
        """Return the heading and a row for each camera, each with the lines of its remark."""
        columns = _Columns.fitting(cameras, width, glyphs=self.glyphs)
        rows = [(columns.head(), list[Text]())]
        for camera in cameras:
            pace = None if self.old else self.paces.of(camera)
            row = columns.row(camera, self._state(camera), pace, old=self.old)
            said = "" if self.old else remark(camera)
            below = self.glyphs.folded(f"   ({said})", width, indent=4) if said else ()
            rows.append((row, [styled(line, QUIET) for line in below]))
        return rows

    def _state(self, camera: LiveCamera) -> Text:
        if self.old:
            return styled(self.glyphs.cut(f"{self.glyphs.unknown} {UNKNOWN}", _STATE), STRONG)
        text = f"{self.glyphs.shapes[camera.state]} {LABELS[camera.state]}"
        return styled(self.glyphs.cut(text, _STATE), _STYLES.get(camera.state, ""))

    # --- several in a line ---------------------------------------------------------------------------

    def _grid(self, cameras: Sequence[LiveCamera], width: int, count: int) -> list[Text]:
        """Return so many columns, to be read downwards, below a line that says what is what."""
        wide = (width + _GAP) // count - _GAP
        deep = -(-len(cameras) // count)
        drawn = [self._cell(camera, wide) for camera in cameras]
        lines = [self._legend(width)]
        for line in range(deep):
            shown = styled("")
            for column, cell in enumerate(drawn[line::deep]):
                shown.append(" " * _GAP if column else "")
                shown.append_text(cell)
            lines.append(shown)
        return lines

    def _legend(self, width: int) -> Text:
        shape = self.glyphs.shapes[CameraState.SAFE_TO_REMOVE]
        text = f"{shape} SAFE: SAFE TO REMOVE   !: needs a person"
        if self.old:
            text = f"{self.glyphs.unknown}: {UNKNOWN}"
        return styled(self.glyphs.cut(text, width).rstrip(), STRONG)

    def _cell(self, camera: LiveCamera, width: int) -> Text:
        """Return a camera in so many columns: in whole words where they fit, else the end of its serial."""
        bay, name = self.glyphs.seen(camera.bay), self.glyphs.seen(name_of(camera))
        cell = styled("").append("!" if needs_person(camera) and not self.old else " ", GRAVE)
        if 1 + _STATE + 1 + cells(bay) + 1 + cells(name) + _GAP + _LEFT <= width:
            cell.append_text(self._whole_state(camera)).append(f" {bay} ")
            return cell.append(self._with_left(name, camera, width - cell.cell_len))
        state, style = self._short(camera)
        rest = width - 1 - _SHORT - 1
        bay = f"{bay} " if rest - cells(bay) - 1 >= _LEAST_NAME else ""
        cell.append(self.glyphs.cut(state, _SHORT), style)
        return cell.append(f" {bay}{self.glyphs.end_of(name, rest - cells(bay))}")

    def _whole_state(self, camera: LiveCamera) -> Text:
        if camera.state is not CameraState.COPYING or self.old:
            return self._state(camera)
        state, style = self._short(camera)
        return styled(self.glyphs.cut(f"{state} copied", _STATE), style)

    def _with_left(self, name: str, camera: LiveCamera, width: int) -> str:
        pace = None if self.old else self.paces.of(camera)
        left = "" if pace is None or pace.left_s is None else said_left(pace.left_s)
        wide = min(width - _GAP - _LEFT, max(_USUAL_NAME, cells(name)))
        return self.glyphs.cut(f"{self.glyphs.cut(name, wide)}{'':{_GAP}}{left:>{_LEFT}}", width)

    def _short(self, camera: LiveCamera) -> tuple[str, str]:
        if self.old:
            return self.glyphs.unknown, STRONG
        shape, word = self.glyphs.shapes[camera.state], _SHORT_WORDS[camera.state]
        if camera.state is CameraState.COPYING and camera.bytes_total:
            word = f"{int(share(camera) * 100):>4} %"
        return f"{shape} {word}", _STYLES.get(camera.state, "")

    def _first(self, cameras: Sequence[LiveCamera], width: int, count: int, most: int) -> list[Text]:
        """Return as many as there is room for, those that need a person first, and what the others are."""
        if most < 3:
            return [self._others(cameras, width)][:most]
        room = (most - 2) * count
        urgent = sorted(cameras, key=lambda camera: not needs_person(camera))
        shown, others = urgent[:room], urgent[room:]
        return [*self._grid(shown, width, count), self._others(others, width)][:most]

    def _others(self, cameras: Sequence[LiveCamera], width: int) -> Text:
        counts = Counter(UNKNOWN if self.old else LABELS[camera.state] for camera in cameras)
        said = ", ".join(f"{count} {label}" for label, count in counts.items())
        return styled(self.glyphs.cut(f"and {len(cameras)} more: {said}", width).rstrip())


def needs_person(camera: LiveCamera) -> bool:
    """Return whether somebody has to do something about a camera, or to look at what it left."""
    return camera.state in {CameraState.REFUSED, CameraState.FAILED} or bool(camera.left or camera.clips_left)


def name_of(camera: LiveCamera) -> str:
    """Return the serial of a camera, or that it has none."""
    return camera.serial or "(no serial)"


def share(camera: LiveCamera) -> float:
    """Return how much of what is to be copied is there: 1 only when all of it is."""
    done = min(1.0, camera.bytes_copied / camera.bytes_total) if camera.bytes_total else 0.0
    return done if camera.bytes_copied >= camera.bytes_total else min(done, 0.99)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Columns:
    """The widths of the columns of rows; 0 for one that is left out."""

    glyphs: Glyphs
    bay: int
    name: int
    bar: int
    rate: int
    left: int
    officer: int
    clips: int
    without: tuple[str, ...] = ()

    @staticmethod
    def fitting(cameras: Sequence[LiveCamera], width: int, *, glyphs: Glyphs) -> _Columns:
        """Return the columns that fit a width; left out are those that a person needs least."""
        wide = {
            "bay": max(3, *(cells(glyphs.seen(c.bay)) for c in cameras)),
            "name": max(6, *(cells(glyphs.seen(name_of(c))) for c in cameras)),
            "bar": _BARS[0] + 5,
            "rate": _RATE,
            "left": _LEFT,
            "officer": min(_MOST_OFFICER, max(cells(glyphs.seen(c.officer)) for c in cameras)),
            "clips": max(cells(progress(c)) for c in cameras),
        }
        wide["officer"] = max(7, wide["officer"]) if wide["officer"] else 0
        wide["clips"] = max(24, wide["clips"]) if wide["clips"] else 0
        without: list[str] = []
        for step in ("clips", "bars", "rate", "officer", "left", "bar"):
            if _total(wide) <= width:
                break
            if step == "bars":
                wide["bar"] = _BARS[1] + 5
            elif wide[step]:
                without += [_HEADS[step]] if step == "officer" else []
                wide[step] = 0
        over = max(0, _total(wide) - width)
        cut = min(over, wide["name"] - _LEAST_NAME)
        wide["name"] -= max(0, cut)
        wide["bay"] = max(1, wide["bay"] - (over - max(0, cut)))
        return _Columns(glyphs=glyphs, without=tuple(without), **wide)

    def head(self) -> Text:
        """Return the headings."""
        state = self.glyphs.cut("STATE", _STATE)
        rest = {name: (_HEADS[name], "") for name in ("bar", "rate", "left", "officer", "clips")}
        return self._line(styled(" "), "BAY", "CAMERA", styled(state), rest, STRONG)

    def row(self, camera: LiveCamera, state: Text, pace: Pace | None, *, old: bool) -> Text:
        """Return the row of a camera."""
        mark = styled("!" if needs_person(camera) and not old else " ", GRAVE)
        rate = pace.rate if pace else None
        left = pace.left_s if pace else None
        rest = {
            "bar": ("" if old else self._bar(camera), ""),
            "rate": (f"{size(rate)}/s" if rate else "", ""),
            "left": ("" if left is None else said_left(left), ""),
            "officer": (camera.officer, ""),
            "clips": ("" if old else progress(camera), QUIET),
        }
        return self._line(mark, camera.bay, name_of(camera), state, rest, "")

    def _line(
        self, mark: Text, bay: str, name: str, state: Text, rest: dict[str, tuple[str, str]], style: str
    ) -> Text:
        line = styled("", style).append_text(mark)
        line.append(f"{self.glyphs.cut(bay, self.bay)}{' ' * _GAP}{self.glyphs.end_of(name, self.name)}")
        line.append(" " * _GAP).append_text(state)
        for column, (text, tone) in rest.items():
            if wide := getattr(self, column):
                shown = self.glyphs.cut(text, wide)
                if column in {"rate", "left"}:
                    shown = f"{shown.rstrip():>{wide}}"
                line.append(" " * _GAP).append(shown, tone)
        line.rstrip()
        return line

    def _bar(self, camera: LiveCamera) -> str:
        if camera.state not in {CameraState.COPYING, CameraState.WAITING} or not camera.bytes_total:
            return ""
        cells_of_bar = self.bar - 5
        done = int(share(camera) * cells_of_bar)
        bar = self.glyphs.full * done + self.glyphs.empty * (cells_of_bar - done)
        return f"{bar} {int(share(camera) * 100):>3}%"


_HEADS = {"bar": "COPIED", "rate": "RATE", "left": "LEFT", "officer": "OFFICER", "clips": "CLIPS"}


def _total(wide: dict[str, int]) -> int:
    return 1 + _STATE + _GAP + sum(wide.values()) + _GAP * (sum(map(bool, wide.values())) - 1)
