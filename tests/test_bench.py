import pytest

from doclayout.cli import main


@pytest.mark.parametrize("pages", [0, -3])
def test_no_pages_cannot_be_timed(pages, onnx_weights, tmp_path, capsys):
    assert main(["bench", f"source={tmp_path}", f"model={onnx_weights}", f"pages={pages}", "threads=1"]) == 2
    assert capsys.readouterr().err == f"doclayout: pages={pages} must be at least 1\n"
