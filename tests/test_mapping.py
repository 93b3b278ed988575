import pytest

from doclayout.errors import SchemaError
from doclayout.layout import Document, Page, Region
from doclayout.mapping import ClassMap, class_map, map_document, map_page
from doclayout.schema import Schema, load_schema, schema_names

OURS = load_schema()
SHEET = (
    ("header", None), ("title", None), ("heading", None), ("text", None), ("list", None), ("formula", None),
    ("timing_diagram", None), ("caption", 6), ("parameter_table", None), ("caption", 8), ("footnote", 8),
    ("caption", None), ("footnote", None), ("footer", None),
)  # fmt: skip
"""Class of each region of a page, and the index of what it captions or notes."""


def page_of(rows):
    regions = []
    for k, (name, to) in enumerate(rows):
        link = None if to is None else f"r{to}"
        links = {"note_of": link} if name == "footnote" else {"caption_of": link}
        regions.append(Region(f"r{k}", name, OURS.id_of(name), 0.5, (10, 10 * k, 90, 10 * k + 8), k, **links))
    return Page(1, 100, 200, "pt", regions, schema=OURS)


@pytest.mark.parametrize("target", schema_names())
def test_every_shipped_table_is_whole(target):
    mapping = class_map(OURS, target)
    assert mapping.target == load_schema(target)
    assert set(mapping.table) == set(OURS.names)


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("doclaynet11", "Page-header Title Section-header Text List-item Formula Picture Caption Table Caption "
         "Footnote Caption Footnote Page-footer"),
        ("publaynet5", "- title title text list text figure text table text text text text -"),
        ("docstructbench10", "abandon title title plain_text plain_text isolate_formula figure figure_caption table "
         "table_caption table_footnote figure_caption abandon abandon"),
        ("cdla10", "Header Title Title Text Text Equation Figure Figure_caption Table Table_caption Text "
         "Figure_caption Text Footer"),
        ("datasheet21", " ".join(name for name, _ in SHEET)),
    ],
)  # fmt: skip
def test_a_datasheet_in_other_classes(target, names):
    page = map_page(page_of(SHEET), class_map(OURS, target))
    spaced = [name if name in page.schema.names else name.replace("_", " ") for name in names.split() if name != "-"]
    assert [region.name for region in page.regions] == spaced
    assert [region.order for region in page.regions] == list(range(len(spaced)))
    assert {region.id: region.caption_of for region in page.regions if region.caption_of} == {"r7": "r6", "r9": "r8"}


def test_links_to_what_goes_are_gone():
    target = Schema.of_names("one", ("words",))
    mapping = ClassMap(OURS, target, {name: "words" if OURS.text[i] else None for i, name in enumerate(OURS.names)})
    page = map_page(page_of(SHEET), mapping)
    assert [region.id for region in page.regions] == [f"r{k}" for k in range(14) if k not in (6, 8)]
    assert {region.caption_of for region in page.regions} == {None}


def test_documents_say_their_schema():
    document = Document("a.pdf", "m", OURS, [page_of(SHEET)])
    mapped = map_document(document, class_map(OURS, "publaynet5"))
    assert mapped.json()["schema"] == "publaynet5"
    assert Document.from_json(mapped.json()).schema == load_schema("publaynet5")
    assert len(mapped.pages[0].regions) == 12


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        (OURS, "doclaynet", "did you mean doclaynet11"),
        (load_schema("cdla10"), "doclaynet11", "states no mapping from cdla10; it has one from datasheet21"),
        (load_schema("cdla10"), "datasheet21", "from cdla10; it has none"),
    ],
)
def test_mappings_that_there_are_not(source, target, words):
    with pytest.raises(SchemaError, match=words):
        class_map(source, target)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"text": "Texts"}, "class 'Texts' is not in schema doclaynet11"),
        ({"txt": "Text"}, "one entry for each class, see txt"),
        ({"caption": {"Table": "Caption"}}, "caption has no `else`"),
        ({"caption": {"Tabel": "Caption", "else": "Caption"}}, "class 'Tabel' is not in schema"),
    ],
)
def test_broken_tables(change, words):
    table = {**class_map(OURS, "doclaynet11").table, **change}
    with pytest.raises(SchemaError, match=words):
        ClassMap(OURS, load_schema("doclaynet11"), table)
