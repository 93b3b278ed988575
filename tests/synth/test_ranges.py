import ast
from pathlib import Path

import numpy as np
import pytest

import synth.elements
import synth.layouts
from doclayout.config import load_cfg
from doclayout.errors import SynthError
from synth.elements import ranges
from synth.elements.ranges import Ranges

FILES = ("diagrams", "furniture", "pictures", "plots", "typesetting")


@pytest.fixture
def made(monkeypatch):
    entries = {"a": [2, 5], "half": [0.5, 1], "p": 0.25, "list": [1, 1, 7], "back": [5, 2], "often": 1.5, "empty": []}
    monkeypatch.setattr(ranges, "load_cfg", lambda name: {"things": entries})
    ranges._checked.cache_clear()
    yield Ranges("made", "things")
    ranges._checked.cache_clear()


def test_draws_are_what_the_settings_say(made):
    rng = np.random.default_rng(0)
    wholes = [made.whole(rng, "a") for _ in range(400)]
    assert set(wholes) == {2, 3, 4, 5}
    assert made.span("half") == (0.5, 1)
    floats = [made.uniform(rng, "a") for _ in range(400)]
    assert min(floats) >= 2 and max(floats) < 5 and abs(np.mean(floats) - 3.5) < 0.15
    assert abs(np.mean([made.chance(rng, "p") for _ in range(2000)]) - 0.25) < 0.04
    assert abs(np.mean([made.pick(rng, "list") == 7 for _ in range(2000)]) - 1 / 3) < 0.04


@pytest.mark.parametrize(
    ("call", "name", "message"),
    [
        ("uniform", "back", r"made\.yaml: things\.back is \[5, 2\]; it has to be a range"),
        ("uniform", "p", "has to be a range"),
        ("whole", "half", "has to be a range .* of integers"),
        ("chance", "often", "has to be a probability"),
        ("pick", "empty", "has to be a list"),
        ("pick", "missing", r"made\.yaml has no things\.missing"),
    ],
)
def test_wrong_settings_are_named(made, call, name, message):
    with pytest.raises(SynthError, match=message):
        getattr(made, call)(np.random.default_rng(0), name)


def names(node):
    """Return the names that an argument may be: a literal, or either of two."""
    if isinstance(node, ast.IfExp):
        return names(node.body) | names(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) else set()


def test_each_setting_is_drawn_from_and_each_draw_has_its_setting():
    folders = (Path(synth.elements.__file__).parent, Path(synth.layouts.__file__).parent)
    drawn: dict[tuple[str, str], set[str]] = {}
    for path in (path for folder in folders for path in folder.glob("*.py")):
        calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        made = [tuple(a.value for a in c.args) for c in calls if getattr(c.func, "id", "") == "Ranges"]
        if made:
            draws = [c for c in calls if getattr(getattr(c.func, "value", None), "id", "") == "_R"]
            drawn[made[0]] = set().union(*(names(c.args[-1]) for c in draws))
    settings = {(file, family): part for file in FILES for family, part in load_cfg(f"synth/{file}.yaml").items()}
    settings["pages", "small_sections"] = load_cfg("synth/pages.yaml")["small_sections"]
    assert {key: set(entries) for key, entries in settings.items()} == drawn
