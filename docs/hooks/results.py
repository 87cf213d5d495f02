"""Fill the results page with what the experiments recorded.

A line `<!-- results: NAME -->` becomes a table or a text made from experiments/results/, a line
`<!-- results: NAME TASK -->` one on a single experiment. Figures are put in when the page is
finished, so that the search does not index their numbers. Every experiment's data is a file of the
site, and linked. All words are said in the language of the edition.
"""

import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

# The page is made by the experiments' own code, which is no installed package.
sys.path.insert(0, str(Path(__file__).parents[2]))

from experiments import page as pages
from experiments.forest import forest
from experiments.summary import Experiment
from sidebyside.translating.editions import Say, said

PLACE = re.compile(r"^<!-- results: (\w+)(?: ([\w-]+))? -->$", re.MULTILINE)
FIGURES = re.compile(r'<div data-results="([\w-]+)"></div>')
ONE = {"table": pages.table, "tuning": pages.tuning, "made": pages.made}
ALL = {
    "accuracy": pages.accuracy,
    "claims": forest,
    "paper": pages.paper,
    "twins": pages.twins,
}
STYLE = "".join(
    f'<link rel="stylesheet" href="../assets/{name}.css">' for name in ("charts", "forest")
)


def folder(config: MkDocsConfig) -> Path:
    return Path(config.config_file_path).parent / "experiments" / "results"


def speaker(config: MkDocsConfig) -> Say:
    """Who says the words of tables and figures, in the language of the edition."""
    plugin: Any = config.plugins["sidebyside"]
    say: Say = plugin.say
    return say


def recorded(config: MkDocsConfig) -> dict[str, Experiment]:
    """All recorded experiments."""
    paths = [path for path in sorted(folder(config).glob("*.json")) if path.stem != "timing"]
    try:
        return {path.stem: Experiment.read(path) for path in paths}
    except ValueError as error:
        raise PluginError(str(error)) from error


def on_files(files: Files, config: MkDocsConfig) -> None:
    """The data of the figures and tables, to download."""
    for path in sorted(folder(config).glob("*.json")):
        files.append(File.generated(config, f"results/{path.name}", abs_src_path=str(path)))


def on_page_markdown(markdown: str, config: MkDocsConfig, page: Page, **_: object) -> str:
    if not PLACE.search(markdown):
        return markdown
    experiments, say = recorded(config), speaker(config)

    def fill(place: re.Match[str]) -> str:
        what, task = place.groups()
        try:
            if what == "timing":
                path = folder(config) / "timing.json"
                return said(pages.timing(pages.parse(path.read_text(encoding="utf-8")), say))
            if task is None:
                return said(ALL[what](experiments, say))
            if what == "figures":
                return f'<div data-results="{experiments[task].task}"></div>'
            return said(ONE[what](experiments[task], say))
        except (KeyError, OSError) as error:
            raise PluginError(
                f"{page.file.src_uri}: no results for {place[0]!r} ({error}); "
                "run `make experiments`"
            ) from error

    return PLACE.sub(fill, markdown)


def on_post_page(output: str, config: MkDocsConfig, **_: object) -> str:
    """Put the figures in, and their stylesheet."""
    if not FIGURES.search(output):
        return output
    experiments, say = recorded(config), speaker(config)
    output = output.replace("</head>", f"{STYLE}</head>", 1)
    return FIGURES.sub(lambda place: pages.figures(experiments[place[1]], say), output)
