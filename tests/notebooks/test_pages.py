"""The page of a notebook is made from the notebook alone, and refuses one that was not run."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from markdown import markdown as markdown_to_html
from mkdocs.exceptions import PluginError

from docs.hooks.notebooks import (
    PLACES,
    Place,
    figure,
    how_to_run,
    in_place,
    installing,
    markdown,
    read,
)
from notebooks.make import NAMES

ROOT = Path(__file__).parents[2]
SVG = """<?xml version="1.0"?><!DOCTYPE svg PUBLIC "x" "http://example.org/svg.dtd">
<svg viewBox="0 0 9 9" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">
<metadata><a>2026-01-01</a></metadata><defs><style>*{stroke: red}</style>
<path id="m1" d="M0 0"/><clipPath id="p2"/></defs>
<use xlink:href="#m1" clip-path="url(#p2)" style="fill: #808080"/><path style="stroke: #3b82c4"/>
</svg>"""


def code(source: str, *outputs: dict[str, Any], count: int = 1, **metadata: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "source": source,
        "outputs": list(outputs),
        "execution_count": count,
        "metadata": metadata,
    }


def prose(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source}


def drawn(svg: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {"image/svg+xml": svg, "text/plain": "<Figure>"}}


def page(*cells: dict[str, Any], place: Place | None = None) -> str:
    setup = code("install()")
    return markdown({"cells": [prose("# Title\n\nWhy.\n"), setup, *cells]}, "name", place)


def test_code_and_what_it_printed_become_fences_and_the_first_cell_is_folded() -> None:
    printed = {"output_type": "stream", "name": "stdout", "text": ["1\n", "2\n"]}
    text = page(code("print(1)\nprint(2)", printed))
    assert text.startswith("# Title\n\n[Download the notebook](name.ipynb)")
    assert "~~~~~~~~python\nprint(1)\nprint(2)\n~~~~~~~~\n\n~~~~~~~~output\n1\n2\n~~~~~~~~" in text
    assert (
        '??? note on-screen "What this notebook needs"\n\n    ~~~~~~~~python\n    install()\n'
        in text
    )


def test_links_to_files_become_links_to_pages() -> None:
    text = page(
        prose("[a](../labml_nn_optim/adam.py#Adam), [b](../docs/guide.md), [c](why_rectify.ipynb)")
    )
    assert "[a](../adam.md#Adam), [b](../guide.md), [c](why_rectify.md)" in text


def test_the_badge_leads_to_colab_where_the_repository_is_known() -> None:
    known = how_to_run("start_here", Place("owner/repo", "main"))
    assert (
        "](https://colab.research.google.com/github/owner/repo/blob/main/notebooks/start_here.ipynb)"
        in known
    )
    assert "![Open in Colab](../assets/colab.svg)" in known
    unknown = how_to_run("start_here", None)
    assert "olab" not in unknown
    assert "[Download the notebook](start_here.ipynb)" in unknown


def test_a_download_installs_from_where_the_site_is_made_and_the_original_is_left_alone() -> None:
    first = code('NEEDED = ["..[site]", "numpy"]\ninstall()')
    original = {"cells": [prose("# Title"), first, code("print(1)")]}
    made = installing(original, Place("owner/repo", "release").package)
    assert made["cells"][1]["source"].splitlines() == [
        'NEEDED = ["labml_nn_optim[site] @ git+https://github.com/owner/repo@release", "numpy"]',
        "install()",
    ]
    assert [made["cells"][0], made["cells"][2]] == [original["cells"][0], original["cells"][2]]
    assert original["cells"][1] is first
    assert first["source"].startswith('NEEDED = ["..[site]"')


def test_a_first_cell_that_does_not_say_what_it_needs_is_refused() -> None:
    with pytest.raises(PluginError, match="the first cell has no line `NEEDED"):
        installing({"cells": [code("import torch")]}, "git+https://example.org/it")


def test_a_figure_is_named_and_takes_the_color_of_the_text() -> None:
    made = figure(SVG, "A <line> & its end")
    svg = ET.fromstring(made).find("{http://www.w3.org/2000/svg}svg")
    assert svg is not None
    assert (svg.get("role"), svg.get("aria-label")) == ("img", "A <line> & its end")
    assert "fill: currentColor" in made
    assert "stroke: #3b82c4" in made
    # Styles of a drawing would be styles of the whole page.
    assert "stroke: red" not in made
    assert "2026" not in made


def test_two_figures_of_a_page_share_no_name() -> None:
    first, second = (in_place(figure(SVG, "alt"), number) for number in (0, 1))
    for made, number in ((first, 0), (second, 1)):
        for name in ('id="{}m1"', 'id="{}p2"', 'xlink:href="#{}m1"', "url(#{}p2)"):
            assert name.format(f"output-{number}-") in made


def test_answers_are_folded_each_below_its_title() -> None:
    printed = {"output_type": "stream", "name": "stdout", "text": ["4\n"]}
    text = page(
        prose("## Try it yourself\n\n* What is 2 + 2?"),
        prose("## Answers"),
        prose("### What is 2 + 2?"),
        code("print(2 + 2)", printed),
        prose("So it is."),
        prose("### And 3 + 3?"),
        code("plt.show()", drawn(SVG), alt="a six"),
    )
    _, first, second = text.partition("## Answers\n\n")[2].split("??? note ")
    assert first.startswith('"What is 2 + 2?"\n\n    ~~~~~~~~python\n    print(2 + 2)\n')
    assert first.endswith("~~~~~~~~output\n    4\n    ~~~~~~~~\n\n    So it is.\n\n")
    assert second.startswith('"And 3 + 3?"\n\n    ~~~~~~~~python\n    plt.show()')
    folded = markdown_to_html(text, extensions=["pymdownx.details", "pymdownx.superfences"])
    assert PLACES.sub("<figure>", folded).endswith("<figure>\n</details>")


def test_an_answer_without_a_title_is_refused() -> None:
    with pytest.raises(PluginError, match="an answer begins with its title"):
        page(prose("## Answers"), prose("Four."))


@pytest.mark.parametrize("name", NAMES)
def test_each_thing_to_try_has_an_answer(name: str) -> None:
    """The last notebook asks for an optimizer of the reader's own."""
    text = markdown(read(ROOT / "notebooks" / f"{name}.ipynb"), name, None)
    tries = text.partition("## Try it yourself\n")[2].partition("\n## ")[0]
    answers = text.partition("\n## Answers\n")[2]
    assert tries.count("\n* ") == answers.count("??? note ")
    assert bool(tries) == (name != "write_your_own")


def test_a_figure_without_a_description_is_refused() -> None:
    with pytest.raises(PluginError, match=r"the figure of this cell has no `alt`: plt\.show"):
        page(code("plt.show()", drawn(SVG)))
    assert page(code("plt.show()", drawn(SVG), alt="a line")).count('data-notebook="0"') == 1


def test_a_notebook_without_a_title_is_refused() -> None:
    with pytest.raises(PluginError, match="begins with a title"):
        markdown({"cells": [prose("Title\n\nWhy."), code("install()")]}, "name", None)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        json.dumps({"cells": [code("1", count=1), code("2", count=3)]}),
        json.dumps({"cells": [{**code("1"), "execution_count": None}]}),
    ],
)
def test_a_notebook_that_was_not_run_in_order_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "name.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PluginError, match=r"name\.ipynb: .*run `make notebooks`"):
        read(path)


@pytest.mark.parametrize("name", NAMES)
def test_each_notebook_links_to_annotated_source_and_to_another_notebook(name: str) -> None:
    text = markdown(read(ROOT / "notebooks" / f"{name}.ipynb"), name, None)
    pages = [*(ROOT / "labml_nn_optim").glob("*.py")]
    assert any(f"](../{path.stem}.md" in text for path in pages)
    others = [other for other in NAMES if f"]({other}.md" in text]
    assert others or name == "write_your_own"
    assert ".ipynb)" not in text.replace(f"({name}.ipynb)", "")
