"""The sample's eight pages."""

from __future__ import annotations

import math
from typing import Any

from synth.elements import text as setting
from synth.elements.contents import Entry, Manner, contents_block
from synth.elements.formulas import display
from synth.elements.look import Block, Cluster, single
from synth.elements.mathset import Node, Over, Row, Words
from synth.elements.pen import Pen
from synth.sample import circuit, diagrams, package, plots
from synth.sample.sheet import ACCENT, GREY, GRID, LEFT, LOOK, SPAN, Sheet


def _title(words: dict[str, Any]) -> Block:
    device = setting.Setting("Helvetica", 14, 17, 1.0, "l", GREY)
    lines = setting.wrap(words["device"], 380, device)

    def paint(pen: Pen, x: float, y: float) -> None:
        pen.text(x, y + 22, words["part"], "Helvetica-Bold", 28, ACCENT)
        setting.set_lines(pen, lines, x, y + 32, 380, device)

    return Block("title", 380, 32 + setting.height_of(len(lines), device), paint)


def _cover(sheet: Sheet) -> None:
    words, half = sheet.words, (SPAN - 24) / 2
    Cluster(SPAN).add(package.part_picture(), align="r").paint(sheet.pen, LEFT, sheet.y)
    sheet.put(single(_title(words)), gap=20)
    top = sheet.y
    sheet.heading("1  Features", LEFT, half)
    sheet.bullets(words["features"], LEFT, half)
    low, sheet.y = sheet.y, top
    sheet.heading("2  Applications", LEFT + half + 24, half)
    sheet.bullets(words["applications"], LEFT + half + 24, half)
    sheet.heading("3  Description", LEFT + half + 24, half)
    sheet.prose(words["description"], LEFT + half + 24, half)
    sheet.y = max(low, sheet.y) + 6
    sheet.heading("4  Typical application")
    sheet.y += 4
    supply = sheet.captioned(circuit.application(), "Figure 1. 3.3 V supply")
    curve = sheet.captioned(_efficiency(180, 150), "Figure 2. Efficiency at 12 V input")
    sheet.put(supply.beside(curve, SPAN - 480), gap=16)
    sheet.heading("5  Ordering information")
    sheet.put(sheet.table("ordering", "table", [1.5, 1, 1.5, 0.8, 1.5], "lllll", "Table 1. Versions"))


def _contents(sheet: Sheet) -> None:
    sheet.heading("Contents")
    lines = [Entry(number, label, page, number.count(".")) for number, label, page in sheet.words["contents"]]
    manner = Manner("Helvetica", "Helvetica-Bold", 9.0, 15.0, 14.0, " .")
    sheet.y += 4
    sheet.put(single(contents_block(lines, manner, SPAN)), gap=26)
    sheet.heading("6  Revision history")
    sheet.put(sheet.table("history", "table", [0.8, 1.2, 5], "cll", None))


def _pins(sheet: Sheet) -> None:
    sheet.heading("7  Pin configuration and functions")
    sheet.y += 4
    sheet.put(sheet.captioned(circuit.pinout(), "Figure 3. MSOP-10, top view", SPAN), gap=16)
    sheet.put(sheet.table("pins", "pin_table", [0.6, 0.8, 1, 5], "clll", "Table 2. Pin functions"), gap=20)
    sheet.heading("8  Absolute maximum ratings")
    table = sheet.table("ratings", "parameter_table", [1, 4, 1, 1, 0.8], "llccc", None)
    sheet.put(table.add(sheet.notes("rating_notes"), 6.0))


def _electrical(sheet: Sheet) -> None:
    sheet.heading("9  Electrical characteristics")
    sheet.prose([sheet.words["conditions"]])
    weights = [1.1, 2.6, 2.3, 0.8, 0.8, 0.8, 0.7]
    table = sheet.table("electrical", "parameter_table", weights, "lllcccc", None, ruling=GRID)
    sheet.put(table.add(sheet.notes("electrical_notes"), 7.0))


def _efficiency(width: float, height: float) -> Block:
    load, percent = plots.Axis("Output current (A)", 0.01, 1.0, 2, True), plots.Axis("Efficiency (%)", 50, 100, 5)
    high = plots.Trace("5 V", (0.3, 0.86), lambda i: 95 - 0.28 / i - 3 * i)
    low = plots.Trace("3.3 V", (0.52, 0.66), lambda i: 92 - 0.36 / i - 5 * i)
    return plots.plot(load, percent, (high, low), width, height)


_VOLTS = plots.Axis("Input voltage (V)", 4, 16, 6)
_WARM = plots.Axis("Junction temperature (\u00b0C)", -50, 150, 4)
_CURVES = (
    (
        "Figure 4. Quiescent current",
        _VOLTS,
        plots.Axis("Current (\u00b5A)", 20, 60, 4),
        (
            plots.Trace("85 \u00b0C", (0.6, 0.78), lambda v: 42 + v * 0.45),
            plots.Trace("25 \u00b0C", (0.6, 0.5), lambda v: 34 + v * 0.35),
        ),
    ),
    (
        "Figure 5. Feedback voltage",
        _WARM,
        plots.Axis("Voltage (mV)", 594, 606, 4),
        (plots.Trace("12 V", (0.45, 0.62), lambda t: 600.6 - (t - 30) ** 2 * 2.6e-4),),
    ),
    (
        "Figure 6. Switch resistance",
        _WARM,
        plots.Axis("Resistance (m\u03a9)", 0, 160, 4),
        (
            plots.Trace("high side", (0.1, 0.62), lambda t: 85 * (1 + 0.0042 * (t - 25))),
            plots.Trace("low side", (0.55, 0.32), lambda t: 55 * (1 + 0.004 * (t - 25))),
        ),
    ),
    (
        "Figure 7. Switching frequency",
        _WARM,
        plots.Axis("Frequency (kHz)", 380, 420, 4),
        (plots.Trace("FREQ = 00", (0.5, 0.66), lambda t: 402 - 0.03 * (t - 25) + 3 * math.sin(t / 60)),),
    ),
    (
        "Figure 8. Loop gain",
        plots.Axis("Frequency (kHz)", 1, 1000, 3, True),
        plots.Axis("Gain (dB)", -40, 60, 5),
        (plots.Trace("12 V to 3.3 V", (0.42, 0.7), lambda f: 55 - 10 * math.log10(1 + (f / 1.2) ** 2)),),
    ),
    (
        "Figure 9. Current limit",
        _VOLTS,
        plots.Axis("Current (A)", 2, 5, 3),
        (plots.Trace("typical", (0.55, 0.58), lambda v: 3.15 + 0.25 * math.log(v / 4)),),
    ),
)


def _curves(sheet: Sheet) -> None:
    sheet.heading("10  Typical characteristics")
    sheet.y += 2
    half = (SPAN - 30) / 2
    drawn = [sheet.captioned(plots.plot(x, y, traces, half, 132), title) for title, x, y, traces in _CURVES]
    for left, right in zip(drawn[::2], drawn[1::2], strict=True):
        sheet.put(left.beside(right, 30), gap=12)
    sheet.y += 2
    sheet.put(sheet.captioned(plots.bus_timing(SPAN, 104), "Figure 10. Timing of the two-wire interface"))


def _functional(sheet: Sheet) -> None:
    words = sheet.words
    sheet.heading("11  Functional description")
    sheet.prose(words["functional"])
    sheet.heading("11.1  Block diagram", level=2)
    sheet.y += 3
    sheet.put(sheet.captioned(diagrams.block_diagram(SPAN), "Figure 11. Block diagram"), gap=14)
    sheet.heading("11.2  Two-wire interface", level=2)
    sheet.prose(words["interface"])
    sheet.put(sheet.captioned(plots.bus_frame(SPAN * 0.84, 46), "Figure 12. Writing one register", SPAN), gap=14)
    sheet.heading("11.3  Control register", level=2)
    sheet.put(sheet.table("bits", "table", [1.0] * 8, "c" * 8, "Table 3. Control register, address 0x01", ruling=GRID))


def _application(sheet: Sheet) -> None:
    words, half = sheet.words, (SPAN - 26) / 2
    sheet.heading("12  Application information")
    top = sheet.y
    sheet.heading("12.1  Setting the output voltage", LEFT, half, 2)
    sheet.prose(words["output"][:1], LEFT, half)
    divider: list[Node] = [
        Words("V_{OUT}"),
        Words("="),
        Words("V_{FB}"),
        Words("\u00d7"),
        Words("("),
        Words("1 +"),
        Over(Words("R1"), Words("R2")),
        Words(")"),
    ]
    _equation(sheet, divider, "(1)", half)
    sheet.prose(words["output"][1:], LEFT, half)
    sheet.y += 4
    sheet.heading("12.2  Inductor and output capacitor", LEFT, half, 2)
    sheet.prose(words["inductor"][:1], LEFT, half)
    _equation(
        sheet,
        [
            Words("L"),
            Words("="),
            Over(
                Words("V_{OUT} \u00d7 (V_{IN} \u2212 V_{OUT})"),
                Words("\u0394I_{L} \u00d7 f_{SW} \u00d7 V_{IN}"),
            ),
        ],
        "(2)",
        half,
    )
    sheet.prose(words["inductor"][1:], LEFT, half)
    _equation(
        sheet,
        [Words("\u0394V_{OUT}"), Words("="), Over(Words("\u0394I_{L}"), Words("8 \u00d7 f_{SW} \u00d7 C3"))],
        "(3)",
        half,
    )
    sheet.y = top
    right = LEFT + half + 26
    sheet.heading("12.3  Start-up sequence", right, half, 2)
    sheet.prose(words["startup"], right, half)
    sheet.bullets(words["steps"], right, half, True)
    sheet.put(sheet.captioned(diagrams.flowchart(half), "Figure 13. Start-up"), right)


def _equation(sheet: Sheet, row: list[Node], number: str, width: float) -> None:
    sheet.put(single(display([Row(row)], LOOK, width, "Times-Italic", 11.0, number)), gap=10)


def _outline(sheet: Sheet) -> None:
    sheet.heading("13  Package outline")
    sheet.y += 4
    drawing = sheet.captioned(package.outline(), "Figure 14. MSOP-10 outline")
    table = sheet.table("dimensions", "table", [1, 1, 1.2, 1], "cccc", "Table 4. Dimensions", SPAN - 310, GRID)
    sheet.put(drawing.beside(table.add(sheet.notes("dimension_notes", SPAN - 310), 6.0), 20), gap=18)
    sheet.put(
        sheet.captioned(package.land_pattern(), "Figure 15. Recommended land pattern, dimensions in millimeters", SPAN),
        gap=20,
    )
    sheet.heading("14  Legal notice")
    sheet.prose(sheet.words["legal"])


PAGES = (_cover, _contents, _pins, _electrical, _curves, _functional, _application, _outline)
