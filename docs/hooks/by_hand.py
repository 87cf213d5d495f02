"""Put the first steps, in numbers, on each optimizer's page, for a reader with a pocket calculator.

The numbers are recorded by `python -m experiments.by_hand`. The table stands at the end of the
introduction, folded. It is put in when the page is finished, so that the search does not index it.
"""

import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.pages import Page

sys.path.insert(0, str(Path(__file__).parents[2]))  # the hooks are no installed package

from docs.hooks.scrolling import region
from sidebyside.mkdocs.failing import read_recorded
from sidebyside.translating.editions import Say, label

PLACE = '<h2 id="when-to-use-it">'  # in every language
STEP, OF_ADAM = label("step"), label("Adam's step")
# The columns that all have, and what follows the gradient in each table.
FIRST = {"t": "t", "g": "gₜ", "m": "mₜ"}
LAST = {"step": STEP, "theta": "θₜ"}


@dataclass(frozen=True)
class Table:
    """What is at the start, the columns, and what there is to see in them."""

    start: str
    columns: dict[str, str]
    words: str


USUAL = "θ₀ = 1, α = 0.1, β₁ = 0.9, β₂ = 0.999"
TABLES = {
    "adam": Table(
        USUAL,
        FIRST | {"v": "vₜ", "m_hat": "m̂ₜ", "v_hat": "v̂ₜ"} | LAST,
        label(
            "While gradients agree, each step is as long as the step size. The gradient that "
            "contradicts them shortens the mean, and so the step."
        ),
    ),
    "amsgrad": Table(
        "θ₀ = 0, α = 0.1, β₁ = 0, β₂ = 0.1",
        {"t": "t", "g": "gₜ", "v": "vₜ", "u": "uₜ", "u_hat": "ûₜ"} | LAST | {"adam": OF_ADAM},
        label(
            "The gradients of the paper's example. Adam has forgotten the large one when the "
            "small ones come, and takes nearly full steps against it. AMSGrad has not."
        ),
    ),
    "radam": Table(
        USUAL.replace("1", "2", 1),
        FIRST | {"m_hat": "m̂ₜ", "v": "vₜ", "r": "rₜ"} | LAST,
        label(
            "Five steps along the mean, divided by nothing: with a gradient of 2 they are twice as "
            "long as the step size. Then they are divided, and begin again from near 0."
        ),
    ),
    "ada_belief": Table(
        USUAL,
        FIRST
        | {"surprise": "gₜ − mₜ", "m_hat": "m̂ₜ", "s_hat": "ŝₜ"}
        | {"step": STEP, "adam": OF_ADAM},
        label(
            "By the paper's algorithm. Each gradient that agrees with the mean surprises less, and "
            "steps grow, where Adam's keep their length. The last one surprises, and both shrink."
        ),
    ),
}


def on_post_page(output: str, *, page: Page, config: MkDocsConfig, **_: object) -> str:
    """Put the table in."""
    name = page.file.src_uri.removesuffix(".md")
    if name not in TABLES:
        return output
    if output.count(PLACE) != 1:
        raise PluginError(f"{page.file.src_uri}: no single {PLACE!r} to put the first steps before")
    path = Path(config.config_file_path).parent / "docs" / "facts" / "by_hand.json"
    rows = read_recorded(path, "python -m experiments.by_hand")[name]
    table = drawn(TABLES[name], rows, config.plugins["sidebyside"].say)
    return output.replace(PLACE, f"{table}{PLACE}")


def drawn(table: Table, rows: list[dict[str, str]], say: Say) -> str:
    """What there is to see, and the table, below a summary."""
    words = {STEP: say(STEP), OF_ADAM: say(OF_ADAM)}
    titles = [escape(words[each]) if each in words else f"<var>{each}</var>"
              for each in table.columns.values()]  # fmt: skip
    cells = [[row.get(key, "–").replace("-", "−") for key in table.columns] for row in rows]
    head = "".join(f"<th>{title}</th>" for title in titles)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in line)}</tr>" for line in cells)
    summary = say("The first {count} steps in numbers", count=len(rows))
    note = say("A step is what θ loses. Rounded to four digits, in which ε does not show.")
    return (
        # For those who calculate along: on paper it would begin a seventh sheet of AdaBelief.
        f'<details class="on-screen"><summary>{escape(summary)}</summary>'
        f"<p>{table.start}. {escape(say(table.words))} {escape(note)}</p>"
        f"{region(summary, len(rows))}<table><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></section></details>\n"
    )
