"""Fill the tables of "How implementations differ" with facts that the parity tests recorded.

A line `<!-- facts: NAME -->` on a page becomes the table NAME, made from docs/facts/. The facts are
data and the page is prose, so that neither can be edited into disagreeing with a test.
"""

import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

from sidebyside.mkdocs.failing import read_recorded

FACTS = Path("facts") / "implementations.json"
PLACE = re.compile(r"^<!-- facts: (\w+) -->$", re.MULTILINE)


def on_page_markdown(markdown: str, config: MkDocsConfig, **_: Any) -> str:
    if not PLACE.search(markdown):
        return markdown
    path = Path(config.docs_dir) / FACTS
    facts = read_recorded(path, "python -m tests.parity.record")
    return PLACE.sub(lambda place: table(place[1], facts), markdown)


def table(name: str, facts: dict[str, Any]) -> str:
    if name not in TABLES:
        raise PluginError(f"facts: no table {name!r}; there are {', '.join(TABLES)}")
    return TABLES[name](facts)


def implementations(facts: dict[str, Any]) -> str:
    """What each program computes, and how to get the same here."""
    rows = []
    for fact in facts["implementations"]:
        version = f"<br>*{fact['package']} {fact['version']}*" if fact["version"] else ""
        same = f"`{fact['ours']}`" if fact["exact"] else f"nearest: `{fact['ours']}`"
        rows.append(
            [
                fact["name"] + version,
                number(fact["eps"]) if fact["eps"] else "none",
                fact["eps_beside"],
                fact["eps_inside"],
                fact["maximum"],
                fact["rectified"],
                same,
            ]
        )
    noted = [fact for fact in facts["implementations"] if fact["note"]]
    notes = [f"- {fact['name']}: {fact['note']}" for fact in noted]
    columns = ["program", "ε", "ε beside", "ε inside", "maximum", "rectified", "the same here"]
    return "\n".join([to_markdown(columns, rows), "", *notes])


def distances(facts: dict[str, Any]) -> str:
    """How far two ways to do one thing end apart, for gradients of several sizes."""
    sizes = [f"gradients of {size:g}" for size in facts["how"]["gradient_sizes"]]
    rows = [
        [*fact["between"], *(number(value) for value in fact["apart"])]
        for fact in facts["comparisons"]
    ]
    return to_markdown(["this", "and this", *sizes], rows)


def decays(facts: dict[str, Any]) -> str:
    """What a weight decay does in each program."""
    rows = []
    for fact in facts["decays"]:
        version = f"<br>*{fact['package']} {fact['version']}*" if fact["version"] else ""
        kind = "coupled" if fact["coupled"] else "decoupled"
        same = f"`{fact['ours']}`" if fact["exact"] else f"nearest: `{fact['ours']}`"
        rows.append([fact["name"] + version, kind, fact["rule"], same])
    notes = [f"- {fact['name']}: {fact['note']}" for fact in facts["decays"] if fact["note"]]
    return "\n".join(
        [to_markdown(["program", "decay", "becomes", "the same here"], rows), "", *notes]
    )


TABLES = {"implementations": implementations, "decays": decays, "distances": distances}


def to_markdown(columns: list[str], rows: list[list[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float) -> str:
    """As a person writes it: 1e-16, 0.032, and "equal" for no difference beyond rounding."""
    if value == 0:
        return "equal"
    return f"{value:g}" if value >= 1e-3 else f"{value:.2g}".replace("e-0", "e-")
