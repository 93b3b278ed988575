import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from reportlab.pdfgen.canvas import Canvas

from doclayout.config import load_cfg
from doclayout.errors import SynthError
from synth.elements import fonts, text, words
from synth.elements.blocks import block_diagram
from synth.elements.contents import contents
from synth.elements.curves import curve
from synth.elements.figures import figure
from synth.elements.flowcharts import flowchart
from synth.elements.fonts import family, layout_runs, text_width
from synth.elements.formulas import formula
from synth.elements.look import Cluster, Look, single
from synth.elements.other_tables import other_table
from synth.elements.packages import package_drawing
from synth.elements.parameter_tables import parameter_table
from synth.elements.pen import Pen
from synth.elements.pin_tables import pin_table
from synth.elements.pinouts import pinout
from synth.elements.profiles import PROFILES, profile
from synth.elements.schematics import circuit
from synth.elements.tables import Ruling, draw_ruling, table_block
from synth.elements.text import bullet_list
from synth.elements.timing import timing
from synth.layouts.truth import read_truth

LOOK = Look()
W, H = 240.0, 170.0
GRAPHICS = {
    "block_diagram": lambda rng: block_diagram(rng, LOOK, W, H, "AB12"),
    "circuit_diagram": lambda rng: circuit(rng, LOOK, W, H, "AB12"),
    "timing_diagram": lambda rng: timing(rng, LOOK, W, H),
    "characteristic_curve": lambda rng: curve(rng, LOOK, W, H),
    "pinout_diagram": lambda rng: pinout(rng, LOOK, W, H, "AB12"),
    "package_drawing": lambda rng: package_drawing(rng, LOOK, W, H),
    "flowchart": lambda rng: flowchart(rng, LOOK, W, H),
    "figure": lambda rng: figure(rng, LOOK, W, H),
    "table": lambda rng: table_block(other_table(rng, 5), LOOK, draw_ruling(rng, LOOK), W, H),
    "parameter_table": lambda rng: table_block(parameter_table(rng, 5), LOOK, draw_ruling(rng, LOOK), W, H),
    "pin_table": lambda rng: table_block(pin_table(rng, 5), LOOK, draw_ruling(rng, LOOK), W, H),
    "contents": lambda rng: contents(rng, LOOK, W, H),
    "formula": lambda rng: formula(rng, LOOK, W),
}
DRAWN = {**GRAPHICS, **{k: lambda rng, k=k: profile(rng, LOOK, W, H, k) for k in PROFILES}}


def drawn(block):
    """Return the page that shows a block at (30, 40)."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(320, 640), invariant=1)
    pen = Pen(canvas, 320, 640)
    single(block).paint(pen, 30, 40)
    canvas.showPage()
    canvas.save()
    return read_truth(buffer.getvalue(), 0, pen.marks)


@pytest.mark.parametrize("name", DRAWN)
def test_ink_stays_in_its_block(name):
    for seed in range(8):
        block = DRAWN[name](np.random.default_rng(seed))
        page = drawn(block)
        assert block.name == ("characteristic_curve" if name in PROFILES else name)
        assert len(page.boxes) == 1
        x0, y0, x1, y1 = (page.boxes[0] / 2).tolist()
        assert x0 >= 27.5 and y0 >= 37.5
        assert x1 <= 30 + block.width + 3 and y1 <= 40 + block.height + 3
        assert (x1 - x0) * (y1 - y0) > 0.15 * block.width * block.height


@pytest.mark.parametrize("seed", range(40))
def test_formulas_and_lists_stay_in_narrow_columns(seed):
    rng = np.random.default_rng(seed)
    items = ["Supply voltage from three to sixteen volts, without a regulator, over the whole range"] * 5
    for block in (formula(rng, LOOK, 110.0), bullet_list(rng, LOOK, 110.0, items)):
        x0, _, x1, _ = (drawn(block).boxes[0] / 2).tolist()
        assert x0 >= 28 and x1 <= 30 + 110 + 2


@pytest.mark.parametrize("name", [name for name in DRAWN if name not in ("contents", "formula")])
def test_seeds_give_different_drawings_and_the_same_seed_the_same(name):
    pdfs = {drawn(DRAWN[name](np.random.default_rng(seed))).pdf for seed in range(6)}
    assert len(pdfs) == 6
    assert drawn(DRAWN[name](np.random.default_rng(2))).pdf in pdfs


FAMILIES = {
    name: ([name], 20) for name in ("block_diagram", "circuit_diagram", "timing_diagram", "flowchart", "figure")
}
FAMILIES |= {name: ([name], 20) for name in ("characteristic_curve", "pinout_diagram", "package_drawing")}
FAMILIES["tables"] = (["table", "parameter_table", "pin_table"], 30)


def thumbnail(block):
    """Return the drawing as 32 by 24 greys of mean 0 and length 1, whose product tells how alike two look."""
    page = drawn(block)
    x0, y0, x1, y1 = page.boxes[0].astype(int)
    grey = cv2.resize(255.0 - page.image[y0:y1, x0:x1].min(axis=2), (32, 24), interpolation=cv2.INTER_AREA).ravel()
    return (grey - grey.mean()) / np.linalg.norm(grey - grey.mean())


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_has_visibly_different_drawings(family):
    names, least = FAMILIES[family]
    different = []
    for seed in range(3 * least // 2):
        picture = thumbnail(GRAPHICS[names[seed % len(names)]](np.random.default_rng([5, seed])))
        if all(picture @ other < 0.75 for other in different):
            different.append(picture)
    assert len(different) >= least


def test_rulings_have_many_styles():
    kinds = {
        (
            bool(r.inner_h),
            bool(r.inner_v),
            bool(r.outer),
            r.sides,
            r.head_fill is None,
            r.zebra is None,
            r.head_bold,
            r.head_upper,
        )
        for r in (draw_ruling(np.random.default_rng(i), LOOK) for i in range(300))
    }
    assert len(kinds) >= 30


@pytest.mark.parametrize(
    ("markup", "texts"),
    [
        ("plain", ["plain"]),
        ("V_{CC}", ["V", "CC"]),
        ("10^{3}", ["10", "3"]),
        ("~{CS} low", ["CS", " low"]),
        ("a_{1}b_{2}", ["a", "1", "b", "2"]),
    ],
)
def test_markup_runs(markup, texts):
    runs, width = layout_runs(markup, "Helvetica")
    assert [run[0] for run in runs] == texts
    assert width == pytest.approx(sum(run[5] for run in runs))


def test_subscripts_are_smaller_and_lower():
    (_, sub), _ = layout_runs("V_{CC}", "Helvetica")
    assert sub[2] < 1 and sub[3] < 0


@pytest.mark.parametrize("name", ["Helvetica", "Times", "Courier", "DejaVu", "DejaVuSerif", "STIX"])
def test_a_family_has_four_usable_fonts(name):
    assert len(family(name)) == 4
    assert all(text_width("Output", font, 10.0) > 15 for font in family(name))


def test_a_family_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(fonts, "_BUNDLED", Path("/no/such/folder"))
    with pytest.raises(SynthError, match=r"/no/such/folder/DejaVuSans\.ttf is not there"):
        fonts.family.__wrapped__("DejaVu")


def test_unknown_and_damaged_fonts_are_named(monkeypatch, tmp_path):
    with pytest.raises(SynthError, match="unknown font family 'Papyrus'; known are Helvetica"):
        fonts.family("Papyrus")
    for name in fonts._FILES["DejaVu"]:
        (tmp_path / f"{name}.ttf").write_bytes(b"not a font")
    monkeypatch.setattr(fonts, "_BUNDLED", tmp_path)
    with pytest.raises(SynthError, match=r"DejaVuSans\.ttf is damaged"):
        fonts.family.__wrapped__("DejaVu")


def test_wrapping_fits_and_keeps_words():
    style = text.Setting("Times-Roman", 9.0, 11.0)
    said = "The device operates from a single supply and needs few external parts at all."
    lines = text.wrap(said, 100.0, style)
    assert " ".join(lines) == said
    assert len(lines) > 2
    assert all(text_width(line, style.font, style.size) <= 100.0 for line in lines)


def test_chinese_lines_break_between_characters_and_keep_stops():
    style = text.Setting("Helvetica", 10.0, 12.0)
    said = (
        "\u5f53\u4f7f\u80fd\u7aef\u4e3a\u4f4e\u7535\u5e73\u65f6\uff0c\u82af\u7247 LM12 \u505c\u6b62\u5de5\u4f5c\u3002"
    )
    lines = text.wrap(said, 50.0, style)
    assert "".join(lines).replace(" ", "") == said.replace(" ", "")
    assert len(lines) > 2
    assert not any(line[0] in "\uff0c\u3002" for line in lines)


@pytest.mark.parametrize(
    ("language", "heading", "stop"),
    [("en", "Unit", "."), ("zh", "\u5355\u4f4d", "\u3002"), ("ja", "\u5358\u4f4d", "\u3002"), ("de", "Einheit", ".")],
)
def test_words_follow_the_language(language, heading, stop):
    with words.speaking(language):
        assert words.term("Unit") == heading
        assert words.sentence(np.random.default_rng(1), "AB12").endswith(stop)
    assert words.term("Unit") == "Unit"


@pytest.mark.parametrize("language", ["zh", "ja", "de"])
def test_a_language_has_the_same_entries_as_english(language):
    own, english = load_cfg(f"synth/content_{language}.yaml"), load_cfg("synth/content.yaml")
    assert set(own) - {"language"} <= set(english)
    assert {group: set(own[group]) for group in ("headings", "titles")} == {
        group: set(english[group]) for group in ("headings", "titles")
    }
    assert all(own[name] for name in ("openers", "features", "applications", "legal", "notes", "terms"))


def test_paragraph_height_is_that_of_its_lines():
    said = "one two three four five six seven eight nine ten eleven twelve"
    block = text.paragraph(LOOK, 120.0, said)
    lines = len(text.wrap(said, 120.0 - LOOK.indent, text.body_setting(LOOK)))
    assert block.name == "text"
    assert lines >= 2
    assert block.height == pytest.approx((lines - 1) * LOOK.size * LOOK.leading + LOOK.size)


@pytest.mark.parametrize("rule", ["none", "below", "above", "bar"])
def test_heading_rules_are_no_part_of_the_heading(rule):
    look = Look(head_rule=rule)
    cluster = Cluster(200.0)
    for block in text.heading(look, 200.0, "Features"):
        cluster.add(block, 3.0)
    assert [b.name for _, _, b in cluster.parts].count("heading") == 1
    assert [b.name for _, _, b in cluster.parts].count(None) == (1 if rule in ("below", "above") else 0)


def test_a_table_leaves_out_rows_beyond_its_limit():
    table = parameter_table(np.random.default_rng(1), 40)
    block = table_block(table, LOOK, Ruling(), 300.0, 120.0)
    assert 40 < block.height <= 121


def test_clusters_side_by_side_and_one_below_another():
    a = Cluster(50.0).add(text.caption(LOOK, 50.0, "a"))
    b = Cluster(60.0).add(text.caption(LOOK, 60.0, "b"))
    side, stack = a.beside(b, 10.0), a.below(b, 4.0)
    assert side.width == 120.0
    assert side.parts[1][0] == pytest.approx(60.0 + b.parts[0][0])
    assert stack.height == pytest.approx(a.height + 4.0 + b.height)
