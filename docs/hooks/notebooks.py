"""
Make a page of each notebook, from the `.ipynb` file with its outputs.

Nothing is run here, and no kernel is needed. Prose becomes the page's Markdown, code and what it
printed become fences, figures become part of the page: their text takes the color of the theme.
"""

import html
import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

FOLDER = "notebooks"  # beside mkdocs.yml, and in the site
# As seen from a notebook's file, and from its page.
LINKS = [
    (re.compile(r"\]\(\.\./(?:labml_nn_optim|docs/examples)/(\w+)\.py"), r"](../\1.md"),
    (re.compile(r"\]\(\.\./docs/(\w+)\.md"), r"](../\1.md"),
    (re.compile(r"\]\((\w+)\.ipynb"), r"](\1.md"),
]
GITHUB = re.compile(
    r"https://github\.com/(?P<repository>[\w.-]+/[\w.-]+)/blob/(?P<branch>[^/{}]+)/"
)
# Where a figure or a table goes, once the search index has been made of everything else.
PLACE = '<div class="notebook-output" data-notebook="{}"></div>'
PLACES = re.compile(f"(?:<p>)?{PLACE.format('([0-9]+)')}(?:</p>)?")  # in a fold, a paragraph
ANSWERS = "## Answers"  # to what the reader was asked to try
TEXT_COLOR = "#808080"  # of axes and labels; notebooks/make.py sets it
FENCE = "~" * 8
DESCRIPTION = re.compile(r'(?P<before><svg role="img" aria-label=")(?P<text>[^"]*)"')
LABEL = re.compile(r"(?P<before><text\b[^>]*>)(?P<text>[^<]+)<")
# What a notebook's first cell installs: the package, `..` or `labml_nn_optim @ ADDRESS`, and more.
NEEDED = re.compile(r"^NEEDED = (\[.*\])$", re.MULTILINE)
OURS = re.compile(r"(?:\.\.|labml_nn_optim)(?P<extras>\[[\w,]+\])?(?: @ .*)?")


@dataclass(frozen=True)
class Place:
    """A repository on GitHub, as `OWNER/NAME`, and the branch that the site shows."""

    repository: str
    branch: str

    @property
    def package(self) -> str:
        """From where pip installs what is there."""
        return f"git+https://github.com/{self.repository}@{self.branch}"


def github(source_url: str) -> Place | None:
    """Where on GitHub `source_url` leads, or None if it leads elsewhere or nowhere."""
    match = GITHUB.match(source_url)
    return Place(match["repository"], match["branch"]) if match else None


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add a page and a download for each notebook."""
    place = github(config.plugins["sidebyside"].config.source_url)
    folder = Path(config.config_file_path).parent / FOLDER
    for path in sorted(folder.glob("*.ipynb")):
        notebook = read(path)
        if place:
            notebook = installing(notebook, place.package)
        page = f"{FOLDER}/{path.stem}.md"
        files.append(File.generated(config, page, content=markdown(notebook, path.stem, place)))
        text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
        files.append(File.generated(config, f"{FOLDER}/{path.name}", content=text))


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Put figures where they belong."""
    folder, _, name = page.file.src_uri.removesuffix(".md").partition("/")
    path = Path(config.config_file_path).parent / FOLDER / f"{name}.ipynb"
    if folder != FOLDER or not path.is_file():
        return output
    plugin = config.plugins["sidebyside"]
    rich = [
        in_language(html, lambda text, kind: plugin.translated(f"{FOLDER}/{name}", text, kind))
        for cell in read(path)["cells"]
        for html in rich_outputs(cell)
    ]
    return PLACES.sub(lambda found: in_place(rich[int(found[1])], int(found[1])), output)


def read(path: Path) -> dict[str, Any]:
    """A notebook with outputs; raise `PluginError` for one without."""
    try:
        notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        codes = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        counts = [cell["execution_count"] for cell in codes]
    except (OSError, ValueError, KeyError) as error:
        raise PluginError(f"{path}: {error!r}; run `make notebooks`") from error
    if counts != list(range(1, len(codes) + 1)):
        raise PluginError(f"{path}: not run from top to bottom; run `make notebooks`")
    return notebook


def installing(notebook: dict[str, Any], address: str) -> dict[str, Any]:
    """The notebook with a first cell that installs the package from an address."""
    cells = list(notebook["cells"])
    number = next(i for i, cell in enumerate(cells) if cell["cell_type"] == "code")
    source = "".join(cells[number]["source"])
    cells[number] = {**cells[number], "source": needing(source, address)}
    return {**notebook, "cells": cells}


def needing(first: str, address: str) -> str:
    """A first cell that installs from an address; from the folder above when it is empty."""
    found = NEEDED.search(first)
    package, *others = json.loads(found[1]) if found else [""]
    match = OURS.fullmatch(package)
    if not found or not match:
        raise PluginError(f'{FOLDER}: the first cell has no line `NEEDED = ["..", …]`')
    extras = match["extras"] or ""
    ours = f"labml_nn_optim{extras} @ {address}" if address else f"..{extras}"
    needed = json.dumps([ours, *others])
    return f"{first[: found.start()]}NEEDED = {needed}{first[found.end() :]}"


def markdown(notebook: dict[str, Any], name: str, place: Place | None) -> str:
    """The page: its title, how to run it, and the cells."""
    first, setup, *cells = notebook["cells"]
    title, introduction = opening(first)
    # The first cell of code only prepares; who reads can leave it folded.
    setting_up = fenced("python", "".join(setup["source"]))
    preparing = folded("What this notebook needs", setting_up, "note on-screen")
    parts = [f"# {title}", how_to_run(name, place), introduction, preparing]
    figures = itertools.count()
    parts += folding(["\n\n".join(told(cell, figures)) for cell in cells])
    return "\n\n".join(parts) + "\n"


def told(cell: dict[str, Any], figures: Iterator[int]) -> Iterator[str]:
    """A cell, what it printed, and the places of its figures."""
    text = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        yield linked(text)
        return
    yield fenced("python", text)
    yield from (fenced("output", printed) for printed in texts(cell))
    yield from (PLACE.format(next(figures)) for _ in rich_outputs(cell))


def folding(parts: list[str]) -> Iterator[str]:
    """The cells, each answer folded below its title: a reader tries first."""
    start = parts.index(ANSWERS) + 1 if ANSWERS in parts else len(parts)
    yield from parts[:start]
    answers: list[tuple[str, list[str]]] = []
    for part in parts[start:]:
        title, _, text = part.partition("\n")
        if part.startswith("### "):
            answers.append((title.removeprefix("### "), [text] if text else []))
        elif answers:
            answers[-1][1].append(part)
        else:
            raise PluginError(f"{FOLDER}: an answer begins with its title, `### …`, not {part!r}")
    yield from (folded(title, "\n\n".join(texts)) for title, texts in answers)


def opening(cell: dict[str, Any]) -> tuple[str, str]:
    """The title, and the text below it."""
    text = "".join(cell["source"])
    match = re.match(r"# (.+)\n+", text)
    if cell["cell_type"] != "markdown" or not match:
        raise PluginError(f"{FOLDER}: a notebook begins with a title, `# …`, not {text[:40]!r}")
    return match[1], linked(text[match.end() :])


def how_to_run(name: str, place: Place | None) -> str:
    """A badge that opens the notebook in Colab, where the repository is known; and a download."""
    download = f"[Download the notebook]({name}.ipynb){{ download }}"
    if place is None:
        return f"{download} to run it yourself, in Jupyter in a copy of the repository."
    address = f"{place.repository}/blob/{place.branch}/{FOLDER}/{name}.ipynb"
    badge = "![Open in Colab](../assets/colab.svg){ width=117 height=20 }"
    return f"[{badge}](https://colab.research.google.com/github/{address}) · {download}"


def linked(text: str) -> str:
    """Markdown whose links lead to pages instead of files."""
    for file, page in LINKS:
        text = file.sub(page, text)
    return text


def fenced(language: str, text: str) -> str:
    return f"{FENCE}{language}\n{text.rstrip()}\n{FENCE}"


def folded(title: str, text: str, kind: str = "note") -> str:
    """What a reader may open. What is of kind `on-screen` is not opened for a printer."""
    indented = "\n".join(f"    {line}" if line else "" for line in text.split("\n"))
    return f'??? {kind} "{title}"\n\n{indented}'


def texts(cell: dict[str, Any]) -> list[str]:
    """What a cell printed, and the value of its last line."""
    found = []
    for output in cell["outputs"]:
        data = output.get("data", {"text/plain": output.get("text", "")})
        if data.keys() == {"text/plain"}:
            found.append("".join(data["text/plain"]))
    return found


def rich_outputs(cell: dict[str, Any]) -> list[str]:
    """The HTML of the figures and pages that a cell shows."""
    found = []
    for output in cell.get("outputs", ()):
        shown = output.get("data", {})
        if "image/svg+xml" in shown:
            alt = cell["metadata"].get("alt", "")
            if not alt:
                start = "".join(cell["source"])[:60]
                raise PluginError(f"{FOLDER}: the figure of this cell has no `alt`: {start}…")
            found.append(figure("".join(shown["image/svg+xml"]), alt))
        elif "text/html" in shown:
            found.append("".join(shown["text/html"]))
    return found


def figure(svg: str, alt: str) -> str:
    """A drawing as part of the page, without what concerns more than itself."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = svg.replace(TEXT_COLOR, "currentColor")
    label = html.escape(alt)
    return (
        f'<figure>{svg.replace("<svg", f"""<svg role="img" aria-label="{label}" """, 1)}</figure>'
    )


def in_language(output: str, translated: Callable[[str, str], str]) -> str:
    """One output with its description and the words in the drawing as readers of the page know."""

    def described(found: re.Match[str]) -> str:
        text = translated(html.unescape(found["text"]), "description of a figure")
        return f'{found["before"]}{html.escape(text)}"'

    def labeled(found: re.Match[str]) -> str:
        text = translated(html.unescape(found["text"]), "text in a figure")
        return f"{found['before']}{html.escape(text)}<"

    output = DESCRIPTION.sub(described, output)
    return LABEL.sub(labeled, output)


def in_place(text: str, number: int) -> str:
    """One output on the page. Names in it get its number: a page may have each name only once."""
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>output-{number}-", text)
    wide = " wide" if "<iframe" in text else ""
    return f'<div class="notebook-output{wide}">{text}</div>'
