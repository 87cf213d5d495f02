"""Put a picture of what it does on each optimizer's page.

The curves are recorded by `python -m experiments.pictures`; here they are drawn. A picture stands
behind the paragraph of the introduction that it illustrates. It is put in when the page is
finished, so that the search does not index its numbers.
"""

import math
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

sys.path.insert(0, str(Path(__file__).parents[2]))  # the experiments are no installed package

from experiments import charts
from sidebyside.mkdocs.failing import read_recorded
from sidebyside.translating.editions import Say, label

STYLE = "assets/charts.css"
PARAGRAPH = re.compile(r'(?<=\n)<p(?: lang="[^"]*")?>.*?</p>\n', re.DOTALL)


@dataclass(frozen=True)
class Panel:
    """
    One drawing: what it shows, in a line and in words, and how its axes are.

    Where a reader may choose the size of something, there is a drawing for each, and `chosen` is
    shown first. `title` then names the size, and `words` say where the lines end.
    """

    caption: str
    words: str
    y: str
    log: bool = False
    chosen: str = ""
    title: str = ""


@dataclass(frozen=True)
class Picture:
    """The panels of a page, the names of their lines, and behind which paragraph they stand."""

    panels: dict[str, Panel]
    keys: dict[str, str]
    after: int


# What is on each page. The words are said in the language of the edition.
LENGTH = label("length of a step, in α")
PICTURES = {
    "adam": Picture(
        {
            "scale": Panel(
                label("Noisy gradients of about 100, 1 and 0.01. Adam's steps are alike."),
                label(
                    "Gradient descent takes steps as its gradients are, of about 100, 1 and "
                    "0.01. All three lines of Adam lie on one another, first at 1, later near "
                    "0.7."
                ),
                LENGTH,
                log=True,
            ),
            "young": Panel(
                label("The root of the second running mean when every gradient is 1."),
                label(
                    "Uncorrected, it starts at 0.03 and needs thousands of steps to reach 1. "
                    "Divided by the correction it is 1 from the first step on."
                ),
                label("√v, with and without correction"),
            ),
        },
        {"adam": label("Adam"), "sgd": label("gradient descent; on the right, uncorrected")},
        after=2,
    ),
    "amsgrad": Picture(
        {
            "walk": Panel(
                label("The paper's example. The best place is −1."),
                label("From 0, Adam climbs to 1 and stays there. AMSGrad goes down towards −1."),
                label("θ"),
            ),
        },
        {"adam": label("Adam"), "amsgrad": label("AMSGrad")},
        after=2,
    ),
    "radam": Picture(
        {
            "factor": Panel(
                label("What each step is multiplied by."),
                label(
                    "RAdam's factor begins near 0, is 0.75 at step 1500 and 0.92 at step 3000. "
                    "The plain warm-up rises in a straight line to 1 at step 2000."
                ),
                label("share of the step"),
            ),
            "wander": Panel(
                label("Numbers that should stay at 0, pushed by noise alone."),
                label("After 200 steps those of Adam are 14 step sizes away, those of RAdam 4."),
                label("distance from 0, in α"),
            ),
        },
        {
            "adam": label("Adam"),
            "radam": label("RAdam"),
            "adam-warmup": label("a plain warm-up over 2000 steps"),
        },
        after=3,
    ),
    "ada_belief": Picture(
        {
            "agree": Panel(
                label("Every gradient is 1: nothing surprises."),
                label("Adam's steps keep the length 1. AdaBelief's grow, to 5 after 100 steps."),
                LENGTH,
                log=True,
            ),
            "flip": Panel(
                label("1 and −1 in turn: each is a surprise."),
                label("The steps of both shrink to about 0.05, AdaBelief's a little longer."),
                LENGTH,
                log=True,
            ),
            "noisy": Panel(
                label("1, with noise of this size:"),
                label(
                    "After 100 steps, those of Adam are {adam} long on average, those of "
                    "AdaBelief {adabelief}."
                ),
                LENGTH,
                log=True,
                chosen="1",
                title=label("Every gradient is 1, with noise of size {size}"),
            ),
        },
        {"adam": label("Adam"), "adabelief": label("AdaBelief")},
        after=3,
    ),
    "weight_decay": Picture(
        {
            "pull": Panel(
                label("Parameters that begin at 1, λ = 0.1, α = 0.01; gradients are pure noise."),
                label(
                    "Coupled: with gradients of size 0.1 they are almost at 0 after 400 steps, "
                    "with size 10 still at 0.97. Decoupled: at 0.67, whatever the gradients."
                ),
                label("mean parameter"),
            ),
        },
        {
            "adam small": label("coupled, small gradients"),
            "adam large": label("coupled, large gradients"),
            "torch-adamw": label("decoupled, both"),
        },
        after=3,
    ),
}


Lines = dict[str, charts.Curve]


def sizes(key: str, recorded: Iterable[str]) -> list[str]:
    """The curves of a panel are recorded under its name, or, for each size, with that behind it."""
    return [size for name, _, size in (each.partition(" ") for each in recorded) if name == key]


def drawn(name: str, curves: dict[str, dict[str, list[list[float]]]], say: Say) -> str:
    """A key, and the panels below. Panels with the same upright axis share its ends."""
    picture, figures = PICTURES[name], []
    lines: dict[str, dict[str, Lines]] = {
        key: {
            size: {
                series: [(x, y, 0.0) for x, y in curve]
                # Adam last: on a wider line both are seen.
                for series, curve in sorted(
                    curves[f"{key} {size}".strip()].items(), key=lambda each: each[0] == "adam"
                )
            }
            for size in sizes(key, curves)
        }
        for key in picture.panels
    }
    for key, panel in picture.panels.items():
        same = [lines[each] for each, other in picture.panels.items() if other.y == panel.y]
        shown = [curve for one in same for found in one.values() for curve in found.values()]
        ends = charts.spread(shown, panel.log)
        drawings = {
            size: drawing(f"{name}-{key}{size}", panel, size, found, ends, say)
            for size, found in lines[key].items()
        }
        caption = escape(say(panel.caption))
        if panel.chosen:
            inner = dial(f"{name}-{key}", caption, panel.chosen, drawings)
        else:
            inner = f"{drawings['']}<figcaption>{caption}</figcaption>"
        figures.append(f"<figure>{inner}</figure>")
    keys = "".join(
        f"<li>{charts.sample(key)} {escape(say(line))}</li>" for key, line in picture.keys.items()
    )
    return f'<ul class="key">{keys}</ul><div class="charts">{"".join(figures)}</div>\n'


def drawing(
    name: str, panel: Panel, size: str, lines: Lines, ends: tuple[float, float], say: Say
) -> str:
    """One drawing, of one size if there are several."""
    title, words = say(panel.caption).partition(". ")[0].removesuffix("."), say(panel.words)
    if size:
        last = {series: f"{curve[-1][1]:.2g}" for series, curve in lines.items()}
        title, words = say(panel.title, size=size), say(panel.words, **last)
    y, x = say(panel.y), say("step")
    steps = rounded_up(max(curve[-1][0] for curve in lines.values()))
    return charts.lines(name, title, words, y, lines, x, log=panel.log, ends=ends, steps=steps)


def rounded_up(value: float) -> float:
    """The next number of two digits: an axis that ends there has its number at the end."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return math.ceil(value / unit - 1e-9) * unit


def dial(name: str, caption: str, chosen: str, drawings: dict[str, str]) -> str:
    """A button for each size, and its drawing: the stylesheet shows that of the chosen one."""
    buttons = "".join(
        f'<input type="radio" name="{name}" id="{name}-dial-{size}"'
        f"{' checked' if size == chosen else ''}>"
        f'<label for="{name}-dial-{size}">{size}</label>'
        for size in drawings
    )
    drawn = "".join(drawings.values())
    return f'<fieldset class="dial"><legend>{caption}</legend>{buttons}{drawn}</fieldset>'


def on_post_page(output: str, *, page: Page, config: MkDocsConfig, **_: object) -> str:
    """Put the picture in, and its stylesheet."""
    name = page.file.src_uri.removesuffix(".md")
    picture = PICTURES.get(name)
    if picture is None:
        return output
    path = Path(config.config_file_path).parent / "docs" / "facts" / "pictures.json"
    curves = read_recorded(path, "python -m experiments.pictures")[name]
    start = output.index('class="sbs-intro"')
    paragraphs = list(PARAGRAPH.finditer(output, start))
    recorded = {each.partition(" ")[0] for each in curves}
    if len(paragraphs) < picture.after or recorded != {*picture.panels}:
        raise PluginError(f"{page.file.src_uri}: no place for its picture, or not what is recorded")
    place = paragraphs[picture.after - 1].end()
    drawing = drawn(name, curves, config.plugins["sidebyside"].say)
    output = output[:place] + drawing + output[place:]
    sheet = get_relative_url(STYLE, page.url)
    return output.replace("</head>", f'<link rel="stylesheet" href="{sheet}"></head>', 1)
