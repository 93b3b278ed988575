"""Flow charts and state diagrams."""

from __future__ import annotations

import math

import numpy as np

from synth.elements import words
from synth.elements.dice import chance, pick, sample, whole
from synth.elements.look import Block, Look
from synth.elements.pen import BLACK, WHITE, Color, Pen
from synth.elements.ranges import Ranges
from synth.elements.text import Setting, height_of, set_lines, wrap

_R = Ranges("diagrams", "flowcharts")

_FILLS: tuple[Color, ...] = (
    (0.82, 0.88, 0.98),
    (1.0, 0.9, 0.75),
    (0.85, 0.95, 0.85),
    (0.9, 0.9, 0.9),
    (0.95, 0.7, 0.7),
)


def flowchart(rng: np.random.Generator, look: Look, width: float, height: float) -> Block:
    """Return a flow chart or a state diagram of about the given size."""
    seed = int(rng.integers(1 << 62))
    states = _R.chance(rng, "is_state_diagram")
    columns = 1 if width < 170 else 2 if width < 330 else _R.pick(rng, "columns_when_wide")
    if states:
        width, height = (
            min(width, _R.uniform(rng, "state_diagram_width")),
            min(height, _R.uniform(rng, "state_diagram_height")),
        )
    else:
        width = min(width, columns * _R.uniform(rng, "column_width"))

    def paint(pen: Pen, x: float, y: float) -> None:
        inner = np.random.default_rng(seed)
        drawing = _Flow(inner, look, pen)
        if look.figure_frame and _R.chance(inner, "has_frame"):
            pen.rect(x + 0.5, y + 0.5, width - 1, height - 1)
            box = (x + 5, y + 5, width - 10, height - 10)
        else:
            box = (x, y, width, height)
        if states:
            drawing.states(*box)
        else:
            drawing.flow(*box, columns)
        pen.set(weight=0.6, color=BLACK, dash=())

    return Block("flowchart", width, height, paint)


class _Flow:
    """Draws with one house's boxes and lettering."""

    def __init__(self, rng: np.random.Generator, look: Look, pen: Pen) -> None:
        self.rng, self.look, self.pen = rng, look, pen
        self.size = look.figure_size * _R.uniform(rng, "lettering_scale")
        self.font = look.figure_font(_R.pick(rng, "lettering_face"))
        self.colored = chance(rng, max(look.color_figures, 0.15))
        pen.set(weight=look.figure_weight * _R.uniform(rng, "line_weight_scale"), color=BLACK, dash=())
        self.head = _R.uniform(rng, "arrowhead_length")

    def _fill(self) -> Color:
        return pick(self.rng, _FILLS) if self.colored else WHITE

    def _label(self, text: str, cx: float, cy: float, room: float, lines_room: float) -> None:
        setting = Setting(self.font, self.size, self.size * 1.12, 1.0, "c")
        lines = wrap(text, room, setting)[: max(1, int(lines_room / self.size))]
        set_lines(self.pen, lines, cx - room / 2, cy - height_of(len(lines), setting) / 2, room, setting)

    def _node(self, kind: str, cx: float, cy: float, w: float, h: float) -> None:
        pen, rng = self.pen, self.rng
        if kind == "test":
            pen.path([(cx - w / 2, cy), (cx, cy - h / 2), (cx + w / 2, cy), (cx, cy + h / 2)], True, self._fill())
            self._label(pick(rng, words.vocabulary("tests")), cx, cy, w * 0.6, h * 0.6)
        elif kind == "end":
            if _R.chance(rng, "terminal_is_ellipse"):
                pen.ellipse(cx, cy, w * 0.4, h * 0.42, fill=self._fill())
            else:
                pen.rect(cx - w * 0.35, cy - h * 0.35, w * 0.7, h * 0.7, fill=self._fill(), radius=h)
            self._label(
                pick(rng, ("Start", "End", "Return", "START", "Done", "Idle", "Power-up", "STOP")),
                cx,
                cy,
                w * 0.6,
                h * 0.7,
            )
        elif kind == "data":
            k = h * 0.25
            pen.path(
                [
                    (cx - w / 2 + k, cy - h * 0.4),
                    (cx + w / 2, cy - h * 0.4),
                    (cx + w / 2 - k, cy + h * 0.4),
                    (cx - w / 2, cy + h * 0.4),
                ],
                True,
                self._fill(),
            )
            self._label(pick(rng, words.vocabulary("steps")), cx, cy, w * 0.75, h * 0.75)
        else:
            pen.rect(cx - w / 2, cy - h * 0.4, w, h * 0.8, fill=self._fill())
            self._label(pick(rng, words.vocabulary("steps")), cx, cy, w - 6, h * 0.75)

    def flow(self, x: float, y: float, w: float, h: float, columns: int) -> None:
        """Columns of steps from top to bottom, with tests that branch and loops that go back."""
        rng = self.rng
        cw = w / columns
        for column in range(columns):
            count = max(3, min(_R.whole(rng, "steps_in_column"), int(h / (self.size * 4.2))))
            part = h if column == 0 else h * _R.uniform(rng, "later_column_height")
            count = max(2, int(count * part / h))
            self._column(
                x + column * cw,
                y + (0 if _R.chance(rng, "later_column_starts_at_top") else h - part),
                cw,
                part,
                count,
                column < columns - 1,
            )

    def _column(self, x: float, y: float, w: float, h: float, count: int, more: bool) -> None:
        rng, pen = self.rng, self.pen
        step = h / count
        nh = step * _R.uniform(rng, "box_height")
        nw = w * _R.uniform(rng, "box_width")
        cx = x + w * 0.5
        kinds = (
            ["end"]
            + [pick(rng, ("step", "step", "step", "test", "test", "data")) for _ in range(count - 2)]
            + [pick(rng, ("end", "end", "step"))]
        )
        heights = [nh * (1.25 if kind == "test" else 0.8) for kind in kinds]
        centers = [y + step * (i + 0.5) for i in range(count)]
        for index in range(count - 1):
            reach = 0.5 if kinds[index] == "test" else 0.4 if kinds[index] != "end" else 0.35
            nxt = 0.5 if kinds[index + 1] == "test" else 0.4 if kinds[index + 1] != "end" else 0.35
            pen.arrow(
                cx,
                centers[index] + heights[index] * reach,
                cx,
                centers[index + 1] - heights[index + 1] * nxt,
                self.head,
            )
        for index, kind in enumerate(kinds):
            if kind == "test":
                self._branch(index, centers, cx, nw, x, w, step, count, more)
            self._node(kind, cx, centers[index], nw, heights[index])

    def _branch(
        self,
        index: int,
        centers: list[float],
        cx: float,
        nw: float,
        x: float,
        w: float,
        step: float,
        count: int,
        more: bool,
    ) -> None:
        rng, pen, size = self.rng, self.pen, self.size
        yes, no = pick(rng, (("Yes", "No"), ("YES", "NO"), ("Y", "N"), ("No", "Yes")))
        at = centers[index]
        pen.text(
            cx + 3, min(at + step * 0.5, centers[min(index + 1, count - 1)] - step * 0.25), yes, self.font, size * 0.9
        )
        side = 1 if _R.chance(rng, "branch_to_right") else -1
        edge = cx + side * nw / 2
        end = (x + w - 3) if side > 0 else (x + 3)
        pen.text(edge + side * 2, at - 2, no, self.font, size * 0.9, anchor="l" if side > 0 else "r")
        back = index > 1 and _R.chance(rng, "branch_goes_back")
        target = (
            centers[whole(rng, 0, index - 1)] if back else centers[min(index + _R.whole(rng, "branch_skip"), count - 1)]
        )
        target += -step * 0.46 if back else 0.0
        if _R.chance(rng, "branch_to_next_column") and more and side > 0:
            pen.arrow(edge, at, x + w + nw * 0.2, at, self.head)
            return
        stop = cx + side * (0.0 if back else nw / 2)
        pen.path([(edge, at), (end, at), (end, target), (stop, target)])
        pen.head(end, target, stop, target, self.head)

    def states(self, x: float, y: float, w: float, h: float) -> None:
        """Named states on an ellipse or a grid, joined by arcs with conditions."""
        rng, pen = self.rng, self.pen
        count = _R.whole(rng, "states")
        names = sample(rng, words.vocabulary("states"), count)
        rx, ry = min(w / 7, 38.0), min(h / 8, 24.0)
        if _R.chance(rng, "states_are_round"):
            rx = ry = min(rx, ry * 1.3, h / 7)
        spots = [
            (
                x + w / 2 + (w / 2 - rx - 14) * math.cos(2 * math.pi * i / count + 0.4),
                y + h / 2 + (h / 2 - ry * 1.5 - 6) * math.sin(2 * math.pi * i / count + 0.4),
            )
            for i in range(count)
        ]
        for index in range(count):
            self._transition(spots[index], spots[(index + 1) % count], rx, ry, _R.uniform(rng, "bow_to_next"))
            if _R.chance(rng, "has_extra_transition"):
                self._transition(spots[index], spots[whole(rng, 0, count - 1)], rx, ry, _R.uniform(rng, "bow_of_extra"))
        for (cx, cy), name in zip(spots, names, strict=True):
            if _R.chance(rng, "state_has_loop"):
                pen.circle(cx + rx, cy - ry, min(rx, ry) * 0.45)
            if _R.chance(rng, "state_is_box"):
                pen.rect(cx - rx, cy - ry, 2 * rx, 2 * ry, fill=self._fill(), radius=5)
            else:
                pen.ellipse(cx, cy, rx, ry, fill=self._fill())
            self._label(name, cx, cy, rx * 1.7, ry * 1.6)

    def _transition(self, a: tuple[float, float], b: tuple[float, float], rx: float, ry: float, bow: float) -> None:
        if a == b:
            return
        pen, rng = self.pen, self.rng
        dx, dy = b[0] - a[0], b[1] - a[1]
        length = math.hypot(dx, dy)
        k = 1.0 / math.hypot(dx / length / rx, dy / length / ry) / length
        start, stop = (a[0] + dx * k, a[1] + dy * k), (b[0] - dx * k, b[1] - dy * k)
        middle = ((a[0] + b[0]) / 2 - dy * bow, (a[1] + b[1]) / 2 + dx * bow)
        pen.bezier([start, middle, middle, stop])
        pen.head(*middle, *stop, self.head)
        if _R.chance(rng, "transition_has_condition"):
            text = pick(
                rng, ("EN = 1", "reset", "timeout", "V < UVLO", "CMD", "ACK", "wake-up", "done", "CKE = L", "fault")
            )
            pen.text(
                (middle[0] * 2 + start[0] + stop[0]) / 4,
                (middle[1] * 2 + start[1] + stop[1]) / 4,
                text,
                self.font,
                self.size * 0.85,
                anchor="c",
            )
