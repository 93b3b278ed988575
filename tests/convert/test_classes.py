from dataclasses import replace

import pytest

from doclayout.convert.classes import parse_map, rename
from doclayout.convert.labels import Label, LabelledPage, LabelSet
from doclayout.errors import SchemaError, UnknownClassError, UsageError
from doclayout.schema import load_schema

SHEET = (
    ("header", (5, 2, 95, 6)), ("heading", (5, 10, 60, 14)), ("timing_diagram", (10, 20, 90, 50)),
    ("caption", (10, 52, 90, 56)), ("caption", (10, 76, 90, 80)), ("pin_table", (10, 82, 90, 120)),
)  # fmt: skip


def sheet(rename=None):
    """A page of a datasheet, some of its classes under other names."""
    new = rename or {}
    labels = [Label(new.get(name, name), box) for name, box in SHEET]
    names = tuple(new.get(name, name) for name in load_schema().names)
    return LabelSet("sheet", names, (LabelledPage("a.pdf", "a.pdf", 100, 140, labels, where="a.pdf"),))


def names_of(data):
    return [label.name for label in data.pages[0].labels]


@pytest.mark.parametrize(
    ("text", "table"),
    [
        (None, {}),
        ("table:Table", {"table": "Table"}),
        ("table: Table, plain text:Text,logo:", {"table": "Table", "plain text": "Text", "logo": None}),
        ("a:b:c", {"a:b": "c"}),
    ],
)
def test_maps(text, table):
    assert parse_map(text) == table


def test_maps_of_a_file(tmp_path):
    path = tmp_path / "map.yaml"
    path.write_text("table: Table\n'a, b': c\nlogo: null\n")
    assert parse_map(str(path)) == {"table": "Table", "a, b": "c", "logo": None}


@pytest.mark.parametrize("text", ["table", ":Table", "a:b,c"])
def test_maps_that_do_not_read(text):
    with pytest.raises(UsageError, match="write map=old:new"):
        parse_map(text)


def test_classes_are_renamed_merged_and_left_out():
    data = rename(sheet(), {"timing_diagram": "Plot", "pin_table": "Plot", "header": None}, None)
    assert names_of(data) == ["heading", "Plot", "caption", "caption", "Plot"]
    assert data.names.count("Plot") == 1
    assert "header" not in data.names
    assert len(data.names) == 21 - 2


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ("datasheet21", [name for name, _ in SHEET]),
        ("doclaynet11", ["Page-header", "Section-header", "Picture", "Caption", "Caption", "Table"]),
        ("publaynet5", ["title", "figure", "text", "text", "table"]),
        ("docstructbench10", ["abandon", "title", "figure", "figure_caption", "table_caption", "table"]),
    ],
)
def test_the_table_of_a_schema_is_applied(schema, expected):
    data = rename(sheet(), {}, schema)
    assert names_of(data) == expected
    assert data.names == load_schema(schema).names
    assert len(sheet().pages[0].labels) == len(SHEET), "the set itself stays"


def test_own_names_first_then_the_table():
    own = sheet({"timing_diagram": "waveform"})
    assert names_of(rename(own, {"waveform": "timing_diagram"}, "doclaynet11"))[2] == "Picture"


@pytest.mark.parametrize(
    ("table", "schema", "error", "words"),
    [
        ({"tabel": "table"}, None, UnknownClassError, "map= renames 'tabel'; its classes are title"),
        ({"header": "haeder"}, "datasheet21", UnknownClassError, "'haeder' is not in schema .* is it header[?] Say so"),
        ({"header": "logo"}, "doclaynet11", UnknownClassError, "sheet: 'title', 'heading', .*'logo', .* is not"),
        ({}, "doclaynet", SchemaError, "did you mean doclaynet11"),
    ],
)  # fmt: skip
def test_unknown_classes(table, schema, error, words):
    with pytest.raises(error, match=words):
        rename(sheet(), table, schema)


def test_another_schema_is_not_taken_for_ours_because_we_have_its_names():
    names = load_schema("publaynet5").names
    data = LabelSet("papers", names, (LabelledPage("a.png", "a.png", 9, 9, [Label("title", (1, 1, 5, 5))]),))
    with pytest.raises(UnknownClassError, match="'title', 'list', 'table', 'figure' is not in schema doclaynet11"):
        rename(data, {}, "doclaynet11")


def test_classes_without_boxes_need_no_mapping_of_their_own():
    few = replace(sheet(), names=tuple(dict.fromkeys(name for name, _ in SHEET)))
    assert rename(few, {}, "doclaynet11").counts().total() == len(SHEET)
