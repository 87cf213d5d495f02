"""Fill "What your processor runs" with what was recorded of a printed step.

A line `<!-- kernel: NAME -->` becomes the annotated lines of the step beside what is printed for
each, or the whole of one of the two printed sources, made from docs/facts/kernel.json.
"""

import re
from pathlib import Path
from textwrap import indent
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

from sidebyside.mkdocs.failing import read_recorded

FACTS = Path("facts") / "kernel.json"
PLACE = re.compile(r"^( *)<!-- kernel: (\w+) -->$", re.MULTILINE)
LANGUAGES = {"c": ("C", "c"), "triton": ("Triton", "python")}


def on_page_markdown(markdown: str, config: MkDocsConfig, **_: Any) -> str:
    if not PLACE.search(markdown):
        return markdown
    path = Path(config.docs_dir) / FACTS
    facts = read_recorded(path, "python docs/kernel.py")
    package = Path(config.docs_dir).parent / "labml_nn_optim"
    return PLACE.sub(lambda at: indent(filled(at[2], facts, package), at[1]), markdown)


def filled(name: str, facts: dict[str, Any], package: Path) -> str:
    if name in facts["sources"]:
        return fenced(LANGUAGES[name][1], [facts["sources"][name].strip()])
    if name != "rows":
        raise PluginError(f"kernel: no {name!r}; there are rows, {', '.join(facts['sources'])}")
    first = side_by_side("**Fetch** the parameter, its gradient and its two running means.",
                         [("", lines(facts["fetched"][-4:]))])  # fmt: skip
    last = side_by_side("**Put back** what has changed.", [("", facts["stored"])])
    return "\n\n".join([first, *(row(each, package) for each in facts["rows"]), last])


def lines(fetched: list[dict[str, Any]]) -> dict[str, list[str]]:
    return {language: [line for each in fetched for line in each[language]]
            for language in LANGUAGES}  # fmt: skip


def row(fact: dict[str, Any], package: Path) -> str:
    """An annotated line, and what is printed for it."""
    module = fact["file"].removesuffix(".py")
    place = line_of(package / fact["file"], fact["code"])
    said = [f"${formula}$" for formula in fact["formulas"]]
    said += [fenced("python", [fact["code"]]), f"[`{fact['file']}:{place}`]({module}.md#L{place})"]
    parts = [("once for a tensor", fact["once"]), ("for each number", fact["each"])]
    return side_by_side("\n\n".join(said), [part for part in parts if part[1]["c"]])


def line_of(path: Path, code: str) -> int:
    """Where a line stands by now."""
    numbers = [number for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
               if line.strip() == code]  # fmt: skip
    if len(numbers) != 1:
        raise PluginError(f"{path}: {len(numbers)} lines are {code!r}; run `python docs/kernel.py`")
    return numbers[0]


def side_by_side(said: str, parts: list[tuple[str, dict[str, list[str]]]]) -> str:
    """Words on the left, and both languages on the right."""
    columns = [said]
    for language, (title, kind) in LANGUAGES.items():
        column = [f"**{title}**"]
        for when, code in parts:
            column += [f"*{when}*"] * bool(when) + [fenced(kind, code[language])]
        columns.append("\n\n".join(column))
    cells = "\n".join(f'<div markdown="1">\n\n{column}\n\n</div>' for column in columns)
    return f'<div class="kernel" markdown="1">\n{cells}\n</div>'


def fenced(language: str, code: list[str]) -> str:
    return "\n".join([f"```{language}", *code, "```"])
