import time

import numpy as np
import pytest

from synth.layouts.mesh import Placement, best_pair, fill

from ..brute import fill as brute_fill


def draw(seed, count, area):
    rng = np.random.default_rng([seed, count])
    longest = np.array(area) * [0.8, 0.4]
    sizes = (rng.uniform(0.02, 1, (count, 2)) ** 1.5 * longest).astype(np.int64) + 1
    index = int(rng.integers(count))
    corner = [int(rng.integers(area[k] - sizes[index, k] + 1)) for k in (0, 1)]
    return sizes, Placement(index, *corner), (sizes < np.array(area) * 0.05).any(axis=1)


@pytest.mark.parametrize("area", [(900, 1180), (40, 60), (1180, 700)])  # the small one is full of ties
@pytest.mark.parametrize("count", [1, 2, 7, 60, 150])
@pytest.mark.parametrize("seed", [0, 1])
def test_same_as_brute_force(seed, count, area):
    sizes, first, small = draw(seed, count, area)
    assert fill(sizes, area, first, small=small) == brute_fill(sizes.tolist(), area, first, small=small)


def test_places_in_the_middle_of_the_best_rectangle():
    sizes = np.array([[100, 20], [90, 70], [40, 40]])
    placed = fill(sizes, (100, 100), Placement(0, 0, 0), small=np.zeros(3, bool))
    assert placed == [Placement(0, 0, 0), Placement(1, 5, 25)]


def test_limits():
    sizes = np.full((30, 2), 10)
    first = Placement(0, 0, 0)
    assert len(fill(sizes, (100, 100), first, small=np.zeros(30, bool))) == 15
    assert len(fill(sizes, (100, 100), first, small=np.ones(30, bool))) == 5
    assert len(fill(sizes, (100, 100), first, small=np.zeros(30, bool), most=3)) == 3


def test_nothing_fits():
    assert best_pair(np.array([[50, 60]]), (100, 100), np.array([[0, 0, 100, 50]])) is None
    assert best_pair(np.zeros((0, 2), np.int64), (100, 100), np.array([[0, 0, 10, 10]])) is None


@pytest.mark.slow
def test_a_hundred_times_faster_than_brute_force():
    rng, area, small = np.random.default_rng(0), (900, 1180), np.zeros(500, bool)
    draws = [(rng.uniform(0.05, [0.5, 0.35], (500, 2)) * area).astype(np.int64) for _ in range(4)]
    seconds = {}
    for name, search, pool in (("fast", fill, draws), ("brute", brute_fill, [sizes.tolist() for sizes in draws])):
        search(pool[0], area, Placement(0, 30, 40), small=small, most=3)
        start = time.process_time()
        placed = [search(sizes, area, Placement(0, 30, 40), small=small) for sizes in pool]
        seconds[name] = time.process_time() - start
        assert min(len(found) for found in placed) >= 8
    assert seconds["brute"] / seconds["fast"] > 100, seconds
