import pytest

from doclayout.lines import Word, compose, flow, unhyphenate


def row(text, x=0, y=0, turn=0, size=10):
    """Words of one line, each letter as wide as half its height, written from (x, y) in the direction of a turn."""
    out = []
    for word in text.split(" "):
        wide = len(word) * size / 2
        across = (x, y, x + wide, y + size)
        down = (x, y, x + size, y + wide)
        up = (x, y - wide, x + size, y)
        out.append(Word(word, (across, down, across, up)[turn], turn))
        if turn == 0:
            x += wide + size / 2
        else:
            y += (wide + size / 2) * (1 if turn == 1 else -1)
    return out


@pytest.mark.parametrize(
    ("first", "second", "known", "expected"),
    [
        # no hyphen: a blank, but not within Chinese
        ("one", "two", "", "one two"),
        ("数据", "手册", "", "数据手册"),
        ("数据", "sheet", "", "数据 sheet"),
        ("데이터", "시트", "", "데이터 시트"),
        # broken words
        ("the perma-", "nent damage", "", "the permanent damage"),
        ("the perma\u00ad", "nent damage", "", "the permanent damage"),
        ("semicon\u2010", "ductor", "", "semiconductor"),
        ("over-", "all", "over all overall", "overall"),
        # compounds
        ("a low-", "cost part", "", "a low-cost part"),
        ("self\u00ad", "less", "", "selfless"),
        ("state-of-the-", "art", "", "state-of-the-art"),
        ("parasite-", "powered", "parasite powered", "parasite-powered"),
        ("noise-", "free", "noise-free", "noise-free"),
        ("28-", "lead", "", "28-lead"),
        ("J-", "Leaded", "", "J-Leaded"),
        ("pins 3-", "5", "", "pins 3-5"),
    ],
)
def test_hyphens_at_line_ends(first, second, known, expected):
    assert unhyphenate(first, second, known.split()) == expected


@pytest.mark.parametrize(
    ("lines", "style", "expected"),
    [
        ([], "running", ""),
        (["", " a  b ", ""], "running", "a b"),
        (["a semi-", "conductor"], "running", "a semiconductor"),
        (["• one", "more", "• two"], "items", "• one more\n• two"),
        (["1. one", "more", "2. two"], "items", "1. one more\n2. two"),
        (["Notes:", "(1) one", "(2) two", "more"], "items", "Notes:\n(1) one\n(2) two more"),
        (["• From", "–40 °C to", "-.5 V", "– 5 V"], "items", "• From –40 °C to -.5 V\n– 5 V"),  # minus is no bullet
        (["One item", "that goes on", "Another"], "items", "One item that goes on\nAnother"),
        (["a\tb", "c-", "d"], "rows", "a\tb\nc-\nd"),
        (["a\tb"], "running", "a b"),
        (["of\ufb01ce e\ufb03cient", "co\u00adop\u00a0x"], "running", "office efficient coop x"),
    ],
)
def test_lines_become_text(lines, style, expected):
    assert flow(lines, style, ()) == expected


@pytest.mark.parametrize(
    ("words", "style", "expected"),
    [
        # in the order of reading, whatever the file's
        ([*row("third", 0, 24), *row("one two"), *row("second", 0, 12)], "running", "one two second third"),
        # scripts stay on their line
        ([Word("V", (0, 0, 6, 10)), Word("OUT", (6, 6, 12, 12), glued=True), *row("x", 20)], "running", "VOUT x"),
        # glued words that stand apart all the same
        ([Word("a", (0, 0, 5, 10)), Word("b", (20, 0, 25, 10), glued=True)], "running", "a b"),
        # cells
        ([*row("Supply voltage"), *row("5", 120), *row("V", 150)], "rows", "Supply voltage\t5\tV"),
        # turned words are lines of their own, each direction by itself
        (row("reads upwards", 0, 100, turn=3), "running", "reads upwards"),
        (row("reads downwards", 0, 0, turn=1), "running", "reads downwards"),
        ([*row("Time up", 50, 90, turn=3), *row("0 10 20 30", 60, 100)], "rows", "0 10 20 30\nTime up"),
        ([*row("lower", 0, 100, turn=3), *row("upper", 12, 100, turn=3)], "running", "lower upper"),
    ],
)
def test_words_become_text(words, style, expected):
    assert compose(words, style, ()) == expected


@pytest.mark.parametrize("style", ["rows", "items"])
def test_a_brace_over_lines_keeps_them_apart(style):
    rows = [*row("Input voltage"), *row("Output current", y=13), *row("Power loss", y=26)]
    text = compose([*rows, *row("}", x=90, y=0, size=36), *row("max.", x=110, y=13)], style, frozenset())
    assert [line.split("\t")[0] for line in text.splitlines() if line != "}"] == [
        "Input voltage", "Output current" if style == "rows" else "Output current max.", "Power loss",
    ]  # fmt: skip


def test_upside_down_words_read_backwards():
    words = [Word("one", (80, 20, 100, 30), 2), Word("two", (50, 20, 70, 30), 2), Word("three", (70, 5, 100, 15), 2)]
    assert compose(words, "running", ()) == "one two three"
