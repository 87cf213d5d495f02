"""
The two charts of the page, as SVG, in the words of its language.

They are 360 units wide, so that their words are as large as others on a phone. They take the page's
colors, light or dark; alone, they are black on white.
"""

from collections.abc import Iterable
from html import escape
from math import ceil, floor, log10
from typing import Any

from sidebyside.translating.editions import Say, label

WIDTH = 360
LEFT, RIGHT = 148, 52  # room for names, and for numbers
INK = 'fill="currentColor"'
ACCENT = "var(--md-typeset-a-color, #1d5a94)"

RATIOS = [
    "memory floor", "our AdaBelief, fused", "our AdaBelief, plain", "torch Adam, for-loop",
    "torch Adam, foreach", "pytorch_optimizer AdaBelief", "timm AdaBelief",
    "predecessor's AdaBelief", "authors' AdaBelief",
]  # fmt: skip
SHORT = {
    "pytorch_optimizer AdaBelief": label("pytorch_optimizer's"),
    "timm AdaBelief": label("timm's"),
    "predecessor's AdaBelief": label("predecessor's"),
    "authors' AdaBelief": label("authors'"),
}
GROWTH = ["our AdaBelief, fused", "our AdaBelief, plain", "torch Adam, fused",
          "torch Adam, for-loop", "memory floor"]  # fmt: skip


class Scale:
    """Logarithmic, from a range of values to a range of positions."""

    def __init__(self, values: Iterable[float], start: float, end: float) -> None:
        logs = [log10(value) for value in values]
        self.low, self.high = min(logs), max(logs)
        self.start, self.end = start, end

    def holds(self, value: float) -> bool:
        return self.low <= log10(value) <= self.high

    def __call__(self, value: float) -> float:
        share = (log10(value) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def ratios(summary: dict[str, Any], say: Say) -> str:
    """A panel for each workload, a line for each subject: a dot, and the quartiles around it."""
    panels = [
        (each["name"], [(name, each["rows"][name]["to_reference"]) for name in RATIOS
                        if name in each["rows"]])
        for each in summary["workloads"]
    ]  # fmt: skip
    values = [row[end] for _, rows in panels for _, row in rows for end in ("low", "high")]
    scale = Scale([*values, 0.5, 2], LEFT + 6, WIDTH - RIGHT)
    ticks = [tick for tick in (0.03, 0.1, 0.3, 1, 3, 10) if scale.holds(tick)]
    return "".join(
        panel(f"ratios-{number}", say(name), rows, scale, ticks, say)
        for number, (name, rows) in enumerate(panels, 1)
    )


def panel(
    key: str,
    name: str,
    rows: list[tuple[str, dict[str, float]]],
    scale: Scale,
    ticks: list[float],
    say: Say,
) -> str:
    """One workload. All have the same scale."""
    bottom = 12 + 18 * len(rows) + 8
    parts = [text(0, 12, name, 'font-weight="600"')]
    parts += [text(scale(tick), 12, f"{tick:g}", 'text-anchor="middle"') for tick in ticks]
    parts += [
        f'<path d="M{scale(tick)} 16V{bottom}" stroke="currentColor" '
        f'opacity="{0.55 if tick == 1 else 0.2}"/>'
        for tick in ticks
    ]
    for line, (subject, row) in enumerate(rows, 1):
        color = ACCENT if subject.startswith("our") else "currentColor"
        parts += ratio_row(12 + 18 * line, say(SHORT.get(subject, subject)), row, scale, color)
    title = say(
        "Time of a step, as a multiple of that of torch's fused Adam, which is the upright line"
    )
    told = ", ".join(f"{say(subject)} {number(row['median'])}" for subject, row in rows)
    return drawing(key, bottom, f"{name}: {title}", told, parts)


def ratio_row(y: int, name: str, row: dict[str, float], scale: Scale, color: str) -> list[str]:
    low, middle, high = (scale(row[end]) for end in ("low", "median", "high"))
    return [
        text(8, y, name),
        f'<path d="M{low} {y - 4}H{high}" style="stroke:{color}" stroke-width="2"/>',
        f'<circle cx="{middle}" cy="{y - 4}" r="4" style="fill:{color}"/>',
        text(WIDTH, y, f"{number(row['median'])}\N{NO-BREAK SPACE}×", 'text-anchor="end"'),
    ]


def growth(summary: dict[str, Any], say: Say) -> str:
    """Nanoseconds for each parameter, over the number of parameters."""
    lines = {
        name: [
            (each["parameters"], nanoseconds(each, name))
            for each in summary["growth"]
            if name in each["rows"]
        ]
        for name in GROWTH
    }
    lines = {name: points for name, points in lines.items() if points}
    bottom, top = 250, 24
    every = [point for points in lines.values() for point in points]
    x = Scale([size for size, _ in every], 40, WIDTH - 14)
    ends = log10(min(ns for _, ns in every)), log10(max(ns for _, ns in every))
    y = Scale([10.0 ** floor(ends[0]), 10.0 ** ceil(ends[1])], bottom, top)
    parts = [text(0, 12, say("nanoseconds for each parameter"))]
    for power in range(-2, 5):
        if y.low <= power <= y.high:
            here = y(10.0**power)
            parts += [
                text(30, here + 4, f"{10.0**power:g}", 'text-anchor="end"'),
                f'<path d="M36 {here}H{WIDTH}" stroke="currentColor" opacity=".2"/>',
            ]
    for each in summary["growth"]:
        where = x(each["parameters"])
        parts += [text(where, bottom + 18, each["name"], 'text-anchor="middle"')]
    parts += [text(WIDTH, bottom + 34, say("parameters, in one tensor"), 'text-anchor="end"')]
    for i, (name, points) in enumerate(lines.items()):
        places = [(x(size), y(ns)) for size, ns in points]
        height = bottom + 56 + 18 * i
        parts += [*curve(name, i, places), *curve(name, i, [(8, height - 4), (34, height - 4)]),
                  text(44, height, say(name))]  # fmt: skip
    title = say("Time of a step for each parameter: large for a few, and for many all memory")
    told = "; ".join(
        f"{say(name)}: " + ", ".join(f"{number(ns)} ns ({size:.0e})" for size, ns in points)
        for name, points in lines.items()
    )
    return drawing("growth", bottom + 46 + 18 * len(lines), title, told, parts)


def nanoseconds(workload: dict[str, Any], name: str) -> float:
    """For each parameter."""
    milliseconds: float = workload["rows"][name]["milliseconds"]["median"]
    parameters: int = workload["parameters"]
    return 1e6 * milliseconds / parameters


def curve(name: str, index: int, places: list[tuple[float, float]]) -> list[str]:
    """Ours in color; all told apart by their marks, too."""
    color = ACCENT if name.startswith("our") else "currentColor"
    dashes = 'stroke-dasharray="2 4"' if name == "memory floor" else ""
    path = "M" + "L".join(f"{x} {y}" for x, y in places)
    marks = [
        "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
        "M-4-4h8v8h-8z",
        "M0-5l5 9h-10z",
        "M0-5l5 5-5 5-5-5z",
    ]
    line = f'<path d="{path}" fill="none" style="stroke:{color}" stroke-width="1.5" {dashes}/>'
    if index >= len(marks):
        return [line]
    shape = f'<path d="{marks[index]}" style="fill:{color}"'
    return [line, *(f'{shape} transform="translate({x} {y})"/>' for x, y in places)]


def text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x}" y="{y}" {INK} {more}>{escape(words)}</text>'


def number(value: float) -> str:
    """Two digits, three from 100 on, and where most of what we care about is close to 1."""
    return f"{value:.2f}" if value < 2 else f"{value:.1f}" if value < 10 else f"{value:.0f}"


def drawing(name: str, height: float, title: str, told: str, parts: list[str]) -> str:
    """One image with a name, and in words what it shows."""
    inside = "\n".join(parts)
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height + 8}" role="img"
 aria-labelledby="speed-{name}-title speed-{name}-desc" font-family="system-ui, sans-serif"
 font-size="12" style="display: block; width: 100%; max-width: 26rem">
<title id="speed-{name}-title">{escape(title)}</title>
<desc id="speed-{name}-desc">{escape(told)}</desc>
{inside}
</svg>
"""


CHARTS = {"ratios": ratios, "growth": growth}
