import numpy as np
import pytest

from doclayout.errors import WeightsError
from doclayout.npz import read_npz, write_npz


def test_written_and_read(tmp_path):
    write_npz(tmp_path / "a.npz", names=["one", "two"], share=0.5, weights=np.arange(6, dtype=np.float16).reshape(2, 3))
    arrays = read_npz(tmp_path / "a.npz")
    assert arrays["names"].tolist() == ["one", "two"] and float(arrays["share"]) == 0.5
    assert arrays["weights"].dtype == np.float16 and arrays["weights"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


@pytest.mark.parametrize("content", [None, b"", b"no zip", b"PK\3\4 no zip"])
def test_no_such_file(tmp_path, content):
    path = tmp_path / "a.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"a.npz cannot be read"):
        read_npz(path)


def test_damage_anywhere_is_told_or_harmless(tmp_path):
    path = tmp_path / "a.npz"
    write_npz(path, weights=np.random.default_rng(0).normal(size=64))
    whole, told = path.read_bytes(), 0
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            read_npz(path)
        except WeightsError:
            told += 1
    assert told > len(whole) / 2


def test_no_code_is_run(tmp_path):
    np.savez(tmp_path / "a.npz", weights=np.array([object()], object))
    with pytest.raises(WeightsError, match="cannot be read"):
        read_npz(tmp_path / "a.npz")
