import pytest

from doclayout.errors import SchemaError
from doclayout.roles import roles
from doclayout.schema import load_schema, schema_names, schema_of

SIZES = {"datasheet21": 21, "doclaynet11": 11, "publaynet5": 5, "docstructbench10": 10, "cdla10": 10}


def test_what_ships():
    assert {name: len(load_schema(name)) for name in schema_names()} == SIZES


@pytest.mark.parametrize("name", SIZES)
def test_every_class_has_its_own_name_and_colour(name):
    schema = load_schema(name)
    assert len(set(schema.names)) == len(set(schema.colors)) == len(schema.text) == len(schema)
    assert all(0 <= value <= 255 for color in schema.colors for value in color)
    assert 0 < sum(schema.text) < len(schema)


@pytest.mark.parametrize(
    ("name", "words"),
    [("doclaynet", "did you mean doclaynet11"), ("zzz", "known are cdla10, datasheet21")],
)
def test_unknown_schemas(name, words):
    with pytest.raises(SchemaError, match=words):
        load_schema(name)


@pytest.mark.parametrize("name", SIZES)
def test_schemas_are_told_by_their_class_names(name):
    assert schema_of("mine", load_schema(name).names) == load_schema(name)


def test_other_class_names_make_a_schema_of_their_own():
    schema = schema_of("mine", ["text", "title"])
    assert (schema.name, schema.names) == ("mine", ("text", "title"))


def test_other_class_lists_know_what_is_text():
    names = ["Section-header", "table_note", "parameter_table", "Plot caption", "logo", "formula"]
    schema = schema_of("mine", names)
    assert schema.text == (True, True, False, True, False, True)
    assert roles(schema) == ("heading", "text", "graphic", "caption", "graphic", "formula")
