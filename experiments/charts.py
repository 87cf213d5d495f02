"""Charts as SVG: lines with bands, and walks in the plane.

Colors and fonts come from the page's stylesheet, so a chart follows the theme. Lines differ by
dashes as well as by color. Each chart says in words what it shows, for those who listen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

WIDTH, HEIGHT = 400, 270
LEFT, RIGHT, TOP, BOTTOM = 48, 18, 10, 40
NAMES = 88  # on the right, where lines are named
APART = 15  # of two names
MINUS = "−"
Point = tuple[float, float]
Curve = list[tuple[float, float, float]]


@dataclass(frozen=True)
class Axis:
    """Turns values into places. `log` needs positive ends."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high = self.low, self.high
        if self.log:
            value, low, high = (math.log10(max(v, 1e-300)) for v in (value, low, high))
        place = self.start + (value - low) / (high - low) * (self.end - self.start)
        # What lies far outside is cut anyway, and long numbers are only weight.
        return round(min(max(place, -WIDTH), 2 * WIDTH), 1)

    def ticks(self) -> list[float]:
        """A handful of round values."""
        if self.log:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            factors = (1,) if len(powers) > 4 else (1, 2, 5)
            values = [factor * 10.0**power for power in powers for factor in factors]
            return [value for value in values if self.low <= value <= self.high]
        span = (self.high - self.low) / 4
        unit = 10.0 ** math.floor(math.log10(span))
        size = next(unit * f for f in (1, 2, 5, 10) if unit * f >= span * 0.7)
        first = math.ceil(self.low / size)
        count = math.floor(self.high / size + 1e-9) - first + 1
        return [round((first + i) * size, 10) for i in range(count)]


def svg(name: str, title: str, text: str, parts: Iterable[str], right: int = RIGHT) -> str:
    """A picture with a title and a description; `name` is its own on the page."""
    head = f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
    head += f'aria-labelledby="{name}-title {name}-text">'
    title, text = escape(title), escape(text)
    words = f'<title id="{name}-title">{title}</title><desc id="{name}-text">{text}</desc>'
    clip = f'<clipPath id="{name}-frame"><rect x="{LEFT}" y="{TOP}" '
    clip += f'width="{WIDTH - LEFT - right}" height="{HEIGHT - TOP - BOTTOM}"/></clipPath>'
    return head + words + clip + "".join(parts) + "</svg>"


def frame(x: Axis, y: Axis, x_label: str, y_label: str) -> list[str]:
    """Lines, numbers and labels around the drawing."""
    parts = []
    for value in y.ticks():
        place = y(value)
        parts.append(f'<path class="grid" d="M{LEFT} {place}H{x.end:g}"/>')
        parts.append(f'<text x="{LEFT - 5}" y="{place + 4}" class="end">{label(value)}</text>')
    parts.append(f'<path class="grid" d="M{LEFT} {HEIGHT - BOTTOM}H{x.end:g}"/>')
    for value in x.ticks():
        parts.append(
            f'<text x="{x(value)}" y="{HEIGHT - BOTTOM + 16}" class="mid">{label(value)}</text>'
        )
    middle = (x.start + x.end) / 2
    parts.append(f'<text x="{middle:g}" y="{HEIGHT - 6}" class="mid">{escape(x_label)}</text>')
    turned = f'transform="rotate(-90 12 {(HEIGHT - BOTTOM) / 2})"' if len(y_label) > 1 else ""
    beside = (
        f'<text x="12" y="{(HEIGHT - BOTTOM) / 2}" class="mid" {turned}>{escape(y_label)}</text>'
    )
    return [*parts, beside]


def label(value: float) -> str:
    """A number beside an axis."""
    return f"{value:g}".replace("-", MINUS)


def path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in simpler(points))


def simpler(points: Sequence[Point], reach: float = 0.5) -> list[Point]:
    """Without the points that lie nearly on the line of those kept: they are only weight."""
    kept, start = [points[0]], 0
    for end in range(2, len(points)):
        between = points[start + 1 : end]
        if any(distance(point, points[start], points[end]) > reach for point in between):
            start = end - 1
            kept.append(points[start])
    return [*kept, points[-1]]


def distance(point: Point, start: Point, end: Point) -> float:
    """How far a point is from the line through two others."""
    x, y = end[0] - start[0], end[1] - start[1]
    length = math.hypot(x, y)
    a, b = point[0] - start[0], point[1] - start[1]
    return abs(a * y - b * x) / length if length else math.hypot(a, b)


def spread(curves: Iterable[Curve], log: bool) -> tuple[float, float]:
    """The lowest and the highest value to show: those of all points, with some room."""
    points = [point for curve in curves for point in curve]
    low = min(mean - error for _, mean, error in points)
    high = max(mean + error for _, mean, error in points)
    if log:
        low = max(low, min(mean for _, mean, _ in points) / 2)
        return low / 1.1, high * 1.1
    room = 0.06 * (high - low) or 1.0
    return low - room, high + room


def lines(
    name: str,
    title: str,
    text: str,
    y_label: str,
    curves: dict[str, Curve],
    x_label: str,
    log: bool = False,
    ends: tuple[float, float] | None = None,
    steps: float | None = None,
    names: dict[str, str] | None = None,
) -> str:
    """
    Means as lines, standard errors as bands.

    `ends` are those of the upright axis. The other one has `steps`, or as many as are drawn.
    `names` stand where the lines end.
    """
    shown = {series: curve for series, curve in curves.items() if curve}
    low, high = ends or spread(shown.values(), log)
    last = steps or max(curve[-1][0] for curve in shown.values())
    right = NAMES if names else RIGHT
    x = Axis(0, last, LEFT, WIDTH - right)
    y = Axis(low, high, HEIGHT - BOTTOM, TOP, log)
    parts = frame(x, y, x_label, y_label)
    parts.append(f'<g clip-path="url(#{name}-frame)">')
    for series, curve in shown.items():
        if not any(error for _, _, error in curve):
            continue
        upper = [(x(step), y(mean + error)) for step, mean, error in curve]
        lower = [(x(step), y(mean - error)) for step, mean, error in reversed(curve)]
        parts.append(f'<path class="band {series}" d="{path(upper + lower)}Z"/>')
    for series, curve in shown.items():
        middle = [(x(step), y(mean)) for step, mean, _ in curve]
        parts.append(f'<path class="line {series}" d="{path(middle)}"/>')
    parts.append("</g>")
    if names:
        places = {series: (x(curve[-1][0]), y(curve[-1][1])) for series, curve in shown.items()}
        parts += [named(series, names[series], *place) for series, *place in apart(places)]
    return svg(name, title, text, parts, right)


def apart(ends: dict[str, Point]) -> list[tuple[str, float, float, float]]:
    """Each series with the place where it ends, and the height of its name: names do not touch."""
    order = sorted(ends, key=lambda series: ends[series][1])
    heights: list[float] = []
    for series in order:
        heights.append(max(ends[series][1], heights[-1] + APART if heights else TOP))
    lowest = HEIGHT - BOTTOM - 8.0  # the last number of the axis stands below
    for i in reversed(range(len(heights))):
        heights[i] = min(heights[i], lowest)
        lowest = heights[i] - APART
    return [(series, *ends[series], at) for series, at in zip(order, heights, strict=True)]


def named(series: str, name: str, x: float, y: float, height: float) -> str:
    """The name of a line, and a thread from its end."""
    thread = f'<path class="thread {series}" d="M{x + 2:g} {y:g}L{x + 10:g} {height:g}"/>'
    word = f'<text class="name {series}" x="{x + 13:g}" y="{height + 4:g}">{escape(name)}</text>'
    return thread + word


def walks(name: str, title: str, text: str, picture: dict[str, Any], chosen: list[str]) -> str:
    """Walks over a surface, from a dot to a cross; shading tells the height."""
    left, right, bottom, top = picture["window"]
    x, y = Axis(left, right, LEFT, WIDTH - RIGHT), Axis(bottom, top, HEIGHT - BOTTOM, TOP)
    parts = [*shading(picture["contours"], x, y), *frame(x, y, "x", "y")]
    parts.append(f'<g clip-path="url(#{name}-frame)">')
    for series in chosen:
        points = [(x(a), y(b)) for a, b in picture["tracks"][series]]
        parts.append(f'<path class="line {series}" d="{path(points)}"/>')
    start = picture["tracks"][chosen[0]][0]
    parts.append(f'<circle class="mark" cx="{x(start[0])}" cy="{y(start[1])}" r="4"/>')
    a, b = (axis(value) for axis, value in zip((x, y), picture["lowest"], strict=True))
    parts.append(f'<path class="cross" d="M{a - 5} {b - 5}l10 10m0 -10l-10 10"/></g>')
    return svg(name, title, text, parts)


def shading(contours: Sequence[Sequence[Sequence[Point]]], x: Axis, y: Axis) -> list[str]:
    """The surface: one sheet above each height, one upon the other. The lower, the lighter."""
    sheets = (
        "".join(f"{path([(x(a), y(b)) for a, b in ring])}Z" for ring in rings) for rings in contours
    )
    return [f'<path class="shade" d="{sheet}"/>' for sheet in sheets]


def sample(series: str) -> str:
    """A short line for the legend. The name stands beside it, so it is silent itself."""
    head = '<svg class="chart sample" viewBox="0 0 34 10" width="34" height="10" '
    return head + f'aria-hidden="true"><path class="line {series}" d="M1 5H33"/></svg>'
