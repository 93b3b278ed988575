"""The straightforward form of BestFit, after the published loop: all rectangles and candidates, one by one."""

import itertools

from synth.layouts.mesh import Placement


def fill(sizes, area, first, *, small, most=15, most_small=5):
    placed, left = [first], [i for i in range(len(sizes)) if i != first.index]
    while len(placed) < most:
        boxes = [(p.x, p.y, p.x + sizes[p.index][0], p.y + sizes[p.index][1]) for p in placed]
        free = free_rectangles(area, boxes)
        best, choice = 0.0, None
        for index in left:
            w, h = sizes[index]
            for rect in free:
                width, height = rect[2] - rect[0], rect[3] - rect[1]
                if w <= width and h <= height and w * h / (width * height) > best:
                    best, choice = w * h / (width * height), (index, rect)
        if choice is None:
            break
        index, (x0, y0, x1, y1) = choice
        if small[index] and sum(bool(small[p.index]) for p in placed) >= most_small:
            break
        placed.append(Placement(index, x0 + (x1 - x0 - sizes[index][0]) // 2, y0 + (y1 - y0 - sizes[index][1]) // 2))
        left.remove(index)
    return placed


def free_rectangles(area, boxes):
    xs = sorted({0, area[0], *(b[0] for b in boxes), *(b[2] for b in boxes)})
    ys = sorted({0, area[1], *(b[1] for b in boxes), *(b[3] for b in boxes)})
    corners = list(itertools.product(xs, ys))
    rects = [(*a, *b) for a, b in itertools.product(corners, corners) if a[0] < b[0] and a[1] < b[1]]
    return [r for r in rects if not any(b[0] < r[2] and b[2] > r[0] and b[1] < r[3] and b[3] > r[1] for b in boxes)]
