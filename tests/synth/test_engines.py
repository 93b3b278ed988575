import sys
from pathlib import Path

import psutil
import pytest

from doclayout.errors import MissingExtraError, SynthError
from synth import shards
from synth.engines import run_ray
from synth.generate import generate
from synth.recipe import Recipe
from synth.shards import shard_name

OPTIONS = {"n": 8, "kind": "datasheet", "imgsz": 320, "seed": 5}


@pytest.fixture(autouse=True)
def small_shards(monkeypatch):
    monkeypatch.setattr(shards, "SHARD", 1)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def workers() -> list[psutil.Process]:
    """Return the Ray workers of this process that are making a shard."""
    found = psutil.Process().children(recursive=True)
    return [process for process in found if process.name().startswith("ray::_make_there")]


@pytest.mark.slow
def test_a_killed_worker_changes_nothing(tmp_path):
    pytest.importorskip("ray")
    generate(tmp_path / "local", workers=1, **OPTIONS)
    killed = []

    def kill_one(_):
        if not killed and (busy := workers()):
            busy[0].kill()
            killed.append(busy[0].pid)

    generate(tmp_path / "ray", workers=2, engine="ray", progress=kill_one, **OPTIONS)
    assert len(killed) == 1 and not psutil.pid_exists(killed[0])
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")


def test_ray_that_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"doclayout\[ray\]"):
        generate(tmp_path / "run", engine="ray", **OPTIONS)
    generate(tmp_path / "run", workers=1, **OPTIONS)  # the folder is good for another engine


class _Broken(Exception):
    pass


class FakeRay:
    """As much of Ray as the engine uses, running tasks where it stands; `fail` decides what a task raises."""

    class exceptions:
        class RayError(Exception):
            pass

        class RayTaskError(RayError):
            cause: Exception = _Broken("a bug")

    def __init__(self, fail):
        self.fail, self.under_way, self.most = fail, 0, 0

    def is_initialized(self):
        return True

    def remote(self, function):
        ray = self

        class Task:
            def options(self, **settings):
                assert settings == {"max_retries": 5, "num_cpus": 1}
                return self

            def remote(self, *args):
                ray.under_way += 1
                ray.most = max(ray.most, ray.under_way)
                return (function, args)

        return Task()

    def wait(self, running, num_returns):
        return running[:num_returns], running[num_returns:]

    def get(self, ready):
        self.under_way -= 1
        self.fail(self, ready[1][1])
        return ready[0](*ready[1])


def lost(ray, shard):
    if shard == (2, 3):
        raise ray.exceptions.RayError("the node died")


def refused(ray, shard):
    error = ray.exceptions.RayTaskError()
    error.cause = SynthError("this pool is gone")
    raise error


def broken(ray, shard):
    raise ray.exceptions.RayTaskError("a bug of a page")


@pytest.mark.parametrize(
    ("fail", "error", "message"),
    [
        (lost, SynthError, "pages 2 to 2 lost their worker too often.*the node died"),
        (refused, SynthError, "this pool is gone"),
        (broken, FakeRay.exceptions.RayTaskError, "a bug of a page"),
    ],
)
def test_what_ray_cannot_do_is_said(tmp_path, monkeypatch, fail, error, message):
    monkeypatch.setitem(sys.modules, "ray", FakeRay(fail))
    with pytest.raises(error, match=message):
        generate(tmp_path / "run", engine="ray", **OPTIONS)


def test_few_shards_are_under_way_at_a_time(tmp_path, monkeypatch):
    ray = FakeRay(lambda *_: None)
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setattr("synth.engines.shard_files", lambda recipe, shard: iter([(shard_name(shard), b"{}")]))
    todo, done = [(i, i + 1) for i in range(30)], []
    run_ray(Recipe("bestfit", 0, "", "", 320, "webp"), tmp_path, todo, 3, done.append)
    assert sum(done) == 30 and ray.most == 6
    assert len(list((tmp_path / "shards").iterdir())) == 30


def test_a_cluster_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    ray = FakeRay(lambda *_: None)
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    settings = []

    def init(**given):
        settings.append(given)
        raise ConnectionError("refused")

    ray.init = init
    monkeypatch.setitem(sys.modules, "ray", ray)
    with pytest.raises(SynthError, match=r"no Ray cluster at RAY_ADDRESS=127\.0\.0\.1:1: refused"):
        generate(tmp_path / "run", engine="ray", **OPTIONS)
    assert "num_cpus" not in settings[0]
