import sys

import pytest
from command import read_positions, run_script

from doclayout.errors import UsageError


@pytest.fixture
def call(monkeypatch, capsys):
    """Run a script whose description is "Counts." with some words; gives exit code, stdout and stderr."""

    def run(main, *words):
        monkeypatch.setattr(sys.modules["__main__"], "__doc__", "Counts.")
        monkeypatch.setattr(sys, "argv", ["count.py", *words])
        try:
            run_script(main)
        except SystemExit as end:
            return (end.code, *capsys.readouterr())
        return (0, *capsys.readouterr())

    return run


@pytest.mark.parametrize(
    ("words", "result"),
    [
        (("a", "b"), (0, "['a', 'b']\n", "")),
        (("a", "b", "c"), (0, "['a', 'b', 'c']\n", "")),
        (("a",), (2, "", "Counts.\n")),
        ((), (2, "", "Counts.\n")),
        (("a", "b", "c", "d"), (2, "", "Counts.\n")),
        (("help",), (0, "Counts.\n", "")),
        (("--help",), (0, "Counts.\n", "")),
    ],
)
def test_words_that_do_not_fit_bring_the_description(call, words, result):
    assert call(lambda: print(read_positions(2, 3)), *words) == result


def test_any_number_of_words_where_no_most_is_given(call):
    assert call(lambda: print(len(read_positions(1))), *"abcdefgh") == (0, "8\n", "")


def test_an_error_of_ours_is_one_line(call):
    def fail():
        raise UsageError("n=0 must be at least 1")

    assert call(fail) == ("error: n=0 must be at least 1", "", "")
