"""Put a picture of what it does on each optimizer's page.

The curves are recorded by `python -m experiments.pictures`; here they are drawn. A picture stands
behind the paragraph of the introduction that it illustrates. It is put in when the page is
finished, so that the search does not index its numbers.
"""

import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

sys.path.insert(0, str(Path(__file__).parents[2]))  # the experiments are no installed package

from experiments import charts

Say = Callable[..., str]
STYLE = "assets/charts.css"
PARAGRAPH = re.compile(r'(?<=\n)<p(?: lang="[^"]*")?>.*?</p>\n', re.DOTALL)


@dataclass(frozen=True)
class Panel:
    """One drawing: what it shows, in a line and in words, and how its axes are."""

    caption: str
    words: str
    y: str
    log: bool = False


@dataclass(frozen=True)
class Picture:
    """The panels of a page, the names of their lines, and behind which paragraph they stand."""

    panels: dict[str, Panel]
    keys: dict[str, str]
    after: int


def pictures(say: Say) -> dict[str, Picture]:
    """What is on each page, said in the language of the edition."""
    length = say("length of a step, in α")
    return {
        "adam": Picture(
            {
                "scale": Panel(
                    say("Noisy gradients of about 100, 1 and 0.01. Adam's steps are alike."),
                    say(
                        "Gradient descent takes steps as its gradients are, of about 100, 1 and "
                        "0.01. All three lines of Adam lie on one another, first at 1, later near "
                        "0.7."
                    ),
                    length,
                    log=True,
                ),
                "young": Panel(
                    say("The root of the second running mean when every gradient is 1."),
                    say(
                        "Uncorrected, it starts at 0.03 and needs thousands of steps to reach 1. "
                        "Divided by the correction it is 1 from the first step on."
                    ),
                    say("√v, with and without correction"),
                ),
            },
            {"adam": say("Adam"), "sgd": say("gradient descent; on the right, uncorrected")},
            after=2,
        ),
        "amsgrad": Picture(
            {
                "walk": Panel(
                    say("The paper's example. The best place is −1."),
                    say("From 0, Adam climbs to 1 and stays there. AMSGrad goes down towards −1."),
                    say("θ"),
                ),
            },
            {"adam": say("Adam"), "amsgrad": say("AMSGrad")},
            after=2,
        ),
        "radam": Picture(
            {
                "factor": Panel(
                    say("What each step is multiplied by."),
                    say(
                        "RAdam's factor begins near 0, is 0.75 at step 1500 and 0.92 at step 3000. "
                        "The plain warm-up rises in a straight line to 1 at step 2000."
                    ),
                    say("share of the step"),
                ),
                "wander": Panel(
                    say("Numbers that should stay at 0, pushed by noise alone."),
                    say("After 200 steps those of Adam are 14 step sizes away, those of RAdam 4."),
                    say("distance from 0, in α"),
                ),
            },
            {
                "adam": say("Adam"),
                "radam": say("RAdam"),
                "adam-warmup": say("a plain warm-up over 2000 steps"),
            },
            after=3,
        ),
        "ada_belief": Picture(
            {
                "agree": Panel(
                    say("Every gradient is 1: nothing surprises."),
                    say("Adam's steps keep the length 1. AdaBelief's grow, to 5 after 100 steps."),
                    length,
                    log=True,
                ),
                "flip": Panel(
                    say("1 and −1 in turn: each is a surprise."),
                    say("The steps of both shrink to about 0.05, AdaBelief's a little longer."),
                    length,
                    log=True,
                ),
                "noisy": Panel(
                    say("1, with noise as large: in between."),
                    say("Adam's steps are 0.7 long on average, AdaBelief's about 1.1."),
                    length,
                    log=True,
                ),
            },
            {"adam": say("Adam"), "adabelief": say("AdaBelief")},
            after=3,
        ),
        "weight_decay": Picture(
            {
                "pull": Panel(
                    say("Parameters that begin at 1, λ = 0.1, α = 0.01; gradients are pure noise."),
                    say(
                        "Coupled: with gradients of size 0.1 they are almost at 0 after 400 steps, "
                        "with size 10 still at 0.97. Decoupled: at 0.67, whatever the gradients."
                    ),
                    say("mean parameter"),
                ),
            },
            {
                "adam small": say("coupled, small gradients"),
                "adam large": say("coupled, large gradients"),
                "torch-adamw": say("decoupled, both"),
            },
            after=3,
        ),
    }


def drawn(
    name: str, picture: Picture, curves: dict[str, dict[str, list[list[float]]]], step: str
) -> str:
    """The panels, and a key below. Panels with the same upright axis share its ends."""
    lines = {
        panel: {series: [(x, y, 0.0) for x, y in curve] for series, curve in found.items()}
        for panel, found in curves.items()
    }
    figures = []
    for key, panel in picture.panels.items():
        same = [lines[each] for each, other in picture.panels.items() if other.y == panel.y]
        ends = charts.spread([curve for found in same for curve in found.values()], panel.log)
        title = panel.caption.partition(". ")[0].removesuffix(".")
        drawing = charts.lines(
            f"{name}-{key}",
            title,
            panel.words,
            panel.y,
            lines[key],
            log=panel.log,
            ends=ends,
            x_label=step,
        )
        caption = escape(panel.caption)
        figures.append(f"<figure>{drawing}<figcaption>{caption}</figcaption></figure>")
    keys = "".join(f"<li>{charts.sample(k)} {escape(t)}</li>" for k, t in picture.keys.items())
    drawings = f'<div class="charts">{"".join(figures)}</div>'
    return f'{drawings}<ul class="key">{keys}</ul>\n'


def on_post_page(output: str, *, page: Page, config: MkDocsConfig, **_: object) -> str:
    """Put the picture in, and its stylesheet."""
    name = page.file.src_uri.removesuffix(".md")
    say = config.plugins["sidebyside"].say
    picture = pictures(say).get(name)
    if picture is None:
        return output
    path = Path(config.config_file_path).parent / "docs" / "facts" / "pictures.json"
    curves = json.loads(path.read_text(encoding="utf-8"))[name]
    start = output.index('class="sbs-intro"')
    paragraphs = list(PARAGRAPH.finditer(output, start))
    if len(paragraphs) < picture.after or set(curves) != {*picture.panels}:
        raise PluginError(f"{page.file.src_uri}: no place for its picture, or not what is recorded")
    place = paragraphs[picture.after - 1].end()
    drawing = drawn(name, picture, curves, say("step"))
    output = output[:place] + drawing + output[place:]
    sheet = get_relative_url(STYLE, page.url)
    return output.replace("</head>", f'<link rel="stylesheet" href="{sheet}"></head>', 1)
