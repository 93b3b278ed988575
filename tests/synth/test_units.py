from synth.units import units_of


def named(pool):
    found = []
    for unit in units_of(pool):
        ids = pool.pages[unit.page].class_ids[unit.members]
        found.append((unit.page, "+".join(sorted(pool.schema.names[i] for i in ids))))
    return found


def test_captions_notes_and_headings_stay_with_their_element(pool):
    units = named(pool)
    assert units.count((0, "caption+characteristic_curve")) == 2
    assert (0, "heading+text") in units
    assert (0, "footnote+parameter_table") in units
    assert (2, "formula+text") in units


def test_attached_elements_are_no_units_of_their_own(pool):
    alone = {name for page, name in named(pool) if page == 0}
    assert not {"caption", "heading", "footnote"} & alone
    assert {"header", "footer", "characteristic_curve", "parameter_table", "text"} <= alone


def test_box_bounds_the_members(pool):
    for unit in units_of(pool):
        boxes = pool.pages[unit.page].boxes[unit.members]
        assert unit.box == (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0))
        assert unit.size == (unit.box[2] - unit.box[0], unit.box[3] - unit.box[1])
