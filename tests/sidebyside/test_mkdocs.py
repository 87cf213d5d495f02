"""Whole sites, built with the command that authors use."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from mkdocs.__main__ import cli

from sidebyside.rendering.addresses import expand_nav

ROOT = Path(__file__).parents[2]

CONFIG = """
site_name: Test
strict: true
theme:
  name: material
  font: false
plugins:
  - search
  - sidebyside:
      sources:
        - path: package
          to: annotated
      source_url: "https://example.org/blob/main/{path}#L{line}"
markdown_extensions:
  - toc:
      permalink: true
validation:
  links:
    anchors: warn
    absolute_links: warn
    unrecognized_links: warn
"""

MEAN = '''"""
# A running mean

Old numbers fade.
"""

from package.numbers import half


class Mean:
    """
    ## The mean

        mₜ ← β·mₜ₋₁ + (1 − β)·xₜ

    See [half](numbers.py#half), [its line](numbers.py#L4) and [the start](../docs/index.md).
    """

    def add(self, x):
        # mₜ ← β·mₜ₋₁ + (1 − β)·xₜ
        self.mean = half(self.mean) + half(x)  # a wonderful remark
'''

NUMBERS = '''"""# Numbers"""


def half(x):
    """## A half of $x$"""
    return x / 2
'''


@dataclass
class Project:
    """A project with annotated source, in a folder of its own."""

    folder: Path

    def write(self, files: dict[str, str]) -> None:
        """Write files, by their path."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def build(self, *arguments: str) -> tuple[int, str]:
        """Run `mkdocs build`; return the exit code and what it said."""
        command = ["build", "-f", str(self.folder / "mkdocs.yml"), *arguments]
        result = CliRunner().invoke(cli, command, catch_exceptions=True)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    def page(self, name: str) -> str:
        """The HTML of a page."""
        return (self.folder / "site" / name / "index.html").read_text(encoding="utf-8")

    def site(self) -> dict[str, bytes]:
        """All files of the site."""
        files = (path for path in (self.folder / "site").rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("NO_MKDOCS_2_WARNING", "1")
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    project = Project(tmp_path)
    project.write(
        {
            "mkdocs.yml": CONFIG,
            "docs/index.md": "# Home\n\n[Mean](annotated/mean.md#Mean.add)\n",
            "package/__init__.py": '"""# The package"""\n',
            "package/mean.py": MEAN,
            "package/numbers.py": NUMBERS,
        }
    )
    return project


def built(project: Project) -> Project:
    """Build a site that must succeed."""
    code, output = project.build()
    assert code == 0, output
    return project


def test_each_source_file_becomes_a_page(project: Project) -> None:
    html = built(project).page("annotated/mean")
    assert "<title>A running mean - Test</title>" in html
    assert '<meta name="description" content="Old numbers fade.">' in html
    assert '<div class="sbs-page" data-source="package/mean.py">' in html
    assert 'href="https://example.org/blob/main/package/mean.py#L10" aria-label=' in html
    line = 'sbs-line" id="L21"><a class="sbs-no" href="#L21" data-n="21"'
    assert line in html
    assert 'class="katex"' in html
    assert 'data-text="mₜ ← β·mₜ₋₁ + (1 − β)·xₜ"' in html
    assert not re.search("sbs-piece|[\ufdd0-\ufdd2]", html)


def test_stylesheets_fonts_and_script_are_part_of_the_site(project: Project) -> None:
    html = built(project).page("annotated/mean")
    for address in re.findall(r'<(?:link|script)[^>]*(?:href|src)="([^"]+)"', html):
        if not address.startswith("http"):
            assert (project.folder / "site/annotated/mean" / address.split("?")[0]).exists(), (
                address
            )
    assert re.search(r'<script src="[^"]*assets/sidebyside/sidebyside.js" defer', html)
    assert html.index("katex.css") < html.index("sidebyside.css")


def test_links_between_sources_and_documents_lead_to_pages(project: Project) -> None:
    html = built(project).page("annotated/mean")
    for target, text in [
        ("../numbers/#half", "half"),
        ("../numbers/#L4", "its line"),
        ("../..", "the start"),
    ]:
        assert re.search(rf'<a href="{re.escape(target)}/?">{text}</a>', html)
    assert re.search(r'<a class="sbs-name" href="../numbers/#half" title="[\w.]*half"', html)
    index = (project.folder / "site/index.html").read_text(encoding="utf-8")
    assert '<a href="annotated/mean/#Mean.add">Mean</a>' in index


def test_search_finds_comments_and_formulas_as_plain_text_under_their_method(
    project: Project,
) -> None:
    site = built(project).site()
    entries = json.loads(site["site/search/search_index.json"])["docs"]
    texts = {entry["location"]: entry["text"] for entry in entries}
    assert "a wonderful remark" in texts["annotated/mean/#Mean.add"]
    assert "mₜ ← β·mₜ₋₁ + (1 − β)·xₜ" in texts["annotated/mean/#Mean.add"]
    assert not re.search(r"\\|katex|htmlData|data-", "".join(texts.values()))
    titles = {entry["location"]: entry["title"] for entry in entries}
    assert titles["annotated/numbers/#half"] == "A half of x half"
    assert "def half(x):" in texts["annotated/numbers/#half"]


def test_search_finds_a_greek_letter_by_name_where_it_is_explained(project: Project) -> None:
    text = '"""# Letters\n\n* $λ₁$ is the pull\n\nSo $ε$ is not.\n"""\n'
    project.write({"package/letters.py": text})
    entries = json.loads(built(project).site()["site/search/search_index.json"])["docs"]
    (found,) = (entry["text"] for entry in entries if "the pull" in entry["text"])
    assert "λ₁ lambda is the pull" in found
    assert "epsilon" not in found


def test_a_folder_in_the_navigation_lists_its_pages_in_the_order_of_the_patterns(
    project: Project,
) -> None:
    include = '          to: annotated\n          include: ["numbers.py", "*.py"]\n'
    config = CONFIG.replace("          to: annotated\n", include)
    nav = "nav:\n  - index.md\n  - Code:\n    - annotated/\n"
    project.write({"mkdocs.yml": config + nav})
    html = built(project).page("annotated/mean")
    assert html.index('href="../numbers/" class="md-nav__link') < html.index(
        'class="md-nav__link md-nav__link--active'
    )


def test_a_folder_in_the_navigation_leaves_out_what_stands_elsewhere() -> None:
    pages = ["adam.md", "lion.md", "engine/fused.md"]

    def expanded(*learn: str) -> list[str]:
        nav = ["index.md", {"Learn": [*learn, "none/"]}, {"Inside": [{"Fused": "engine/fused.md"}]}]
        _, found, inside = expand_nav(nav, pages)
        assert inside == nav[2]
        assert found["Learn"][-1] == "none/"  # MkDocs says that it is not there
        return found["Learn"][:-1]

    assert expanded("adam.md", "./") == ["adam.md", "lion.md"]
    assert expanded("./", "adam.md") == ["lion.md", "adam.md"]
    assert expanded("adam.md", "./", "lion.md", "engine/") == ["adam.md", "lion.md"]


def test_packages_in_packages_become_folders(project: Project) -> None:
    project.write(
        {
            "package/inner/__init__.py": "",
            "package/inner/deep.py": "from package.numbers import half\n",
            "package/numbers.py": NUMBERS + "# See [the package](__init__.py).\nx = 1\n",
        }
    )
    html = built(project).page("annotated/inner/deep")
    assert 'href="../../numbers/#half"' in html
    assert "<h1" in built(project).page("annotated/inner")
    assert '<a href="../">the package</a>' in project.page("annotated/numbers")


def test_formulas_work_on_hand_written_pages_and_code_is_left_alone(project: Project) -> None:
    text = (
        "---\ntitle: Mine\n---\n# Mine\n\nThe mean $mₜ$ costs $5 or `$HOME`.\n\n"
        "$$a ← b$$\n\n    $ make a ← b\n\n* item $x$\n"
    )
    project.write({"docs/index.md": text})
    html = (built(project).folder / "site/index.html").read_text(encoding="utf-8")
    assert re.findall(r'data-text="([^"]*)"', html) == ["mₜ", "a ← b", "x"]
    assert "costs $5 or <code>$HOME</code>" in html
    assert "$ make a ← b" in html
    project.write({"docs/index.md": text.replace("$x$", "$(x$")})
    code, output = project.build()
    assert (code, "docs/index.md:12: `$(x$` is no formula" in output) == (1, True), output


def test_the_class_hierarchy_is_drawn_where_a_document_asks_for_it(project: Project) -> None:
    project.write({"docs/index.md": "# Home\n\n<!-- sidebyside: hierarchy -->\n"})
    html = (built(project).folder / "site/index.html").read_text(encoding="utf-8")
    assert re.search(r'<figure class="sbs-hierarchy"><svg.*annotated/mean/#Mean', html, re.DOTALL)


def test_the_class_hierarchy_may_be_that_of_one_package(project: Project) -> None:
    project.write({"docs/index.md": "# Home\n\n<!-- sidebyside: hierarchy elsewhere -->\n"})
    html = (built(project).folder / "site/index.html").read_text(encoding="utf-8")
    assert '<figure class="sbs-hierarchy"><svg' in html
    assert "annotated/mean/#Mean" not in html[html.index("<svg") : html.index("</svg>")]


def test_a_diagram_may_stand_in_a_fold_and_what_nothing_fills_stops_the_build(
    project: Project,
) -> None:
    project.write({"docs/index.md": "# Home\n\n1. One\n\n    <!-- sidebyside: hierarchy -->\n"})
    html = (built(project).folder / "site/index.html").read_text(encoding="utf-8")
    assert re.search(r'<li>.*<figure class="sbs-hierarchy"><svg.*</li>', html, re.DOTALL)
    project.write({"docs/index.md": "# Home\n\n<!-- sidebyside: hierachy -->\n"})
    code, output = project.build()
    told = "docs/index.md:3: `<!-- sidebyside: hierachy -->` is filled with nothing"
    assert (code, told in output) == (1, True), output


def test_a_document_shows_rows_of_a_page_and_they_lead_there(project: Project) -> None:
    rows = "<!-- sidebyside: rows annotated/mean.md Mean.add {} -->"
    project.write({"docs/index.md": f"# Home\n\n{rows.format(1)}\n"})
    html = (built(project).folder / "site/index.html").read_text(encoding="utf-8")
    (shown,) = re.findall(r'<div class="sbs-page sbs-excerpt".*?</pre>', html, re.DOTALL)
    assert 'data-text="mₜ ← β·mₜ₋₁ + (1 − β)·xₜ"' in shown
    assert "a wonderful remark" in shown
    assert 'href="annotated/mean/#L21"' in shown
    assert 'href="annotated/numbers/#half"' in shown
    project.write({"docs/index.md": f"# Home\n\n{rows.format(2)}\n"})
    code, output = project.build()
    assert (code, "Mean.add has 1 comments, not 2" in output) == (1, True), output


def test_names_of_torch_lead_to_its_documentation_unless_another_inventory_is_given(
    project: Project,
) -> None:
    project.write({"package/mean.py": MEAN + "\n\nimport torch\n\nzero = torch.zeros(1)\n"})
    assert "https://docs.pytorch.org/docs/stable/generated/torch.zeros" in built(project).page(
        "annotated/mean"
    )
    options = CONFIG.replace("- sidebyside:", "- sidebyside:\n      inventory: names.txt")
    assert options != CONFIG
    project.write({"mkdocs.yml": options, "names.txt": ""})
    assert "docs.pytorch.org" not in built(project).page("annotated/mean")


def test_a_dirty_build_keeps_the_pages_that_did_not_change(project: Project) -> None:
    before = built(project).site()
    project.build("--dirty")  # warns that it is dirty, so a strict build ends with an error
    assert before.keys() <= project.site().keys()


BROKEN = {
    "syntax": ("package/mean.py", "x = 1\ny = = 2\n", "package/mean.py:2: does not parse as"),
    "fence": ("package/mean.py", "x = 1\n# ```\n# y\nz = 1\n", "package/mean.py:2: the fence"),
    "formula": ("package/mean.py", "# a ← (b\nx = 1\n", "package/mean.py:1: "),
    "latex": ("package/mean.py", "# $$\\begin{foo} a \\end{foo}$$\nx = 1\n", "package/mean.py:1: "),
    "link": (
        "package/mean.py",
        "# a\n# [b](nowhere.py)\nx = 1\n",
        "package/mean.py:2: contains a link 'nowhere.py', but the target",
    ),
    "anchor": (
        "package/mean.py",
        "# a\n# b [c](numbers.py#hal)\nx = 1\n",
        "package/mean.py:2: contains a link 'numbers.py#hal', but the doc",
    ),
    "own anchor": (
        "package/mean.py",
        "# [c](#nowhere)\nx = 1\n",
        "package/mean.py:1: contains a link '#nowhere', but there is no such anchor",
    ),
    "link in a document": (
        "docs/index.md",
        "# Home\n\n[Mean](annotated/mean.md#Mean.sub)\n",
        "docs/index.md:3: contains a link 'annotated/mean.md#Mean.sub', but the doc",
    ),
    "encoding": ("package/mean.py", "# coding: klingon\n", "package/mean.py:1: unknown encoding"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_stops_the_build_with_its_place_and_the_last_site_stays(
    project: Project, case: str
) -> None:
    project.write({"site/index.html": "the last site"})
    before = project.site()
    path, text, message = BROKEN[case]
    project.write({"docs/index.md": "# Home\n"} | {path: text})
    code, output = project.build()
    assert code == 1
    assert message in output
    assert "Traceback" not in output
    assert project.site() == before
    assert not list(project.folder.glob(".site*"))


def test_the_site_is_replaced_as_a_whole_but_keeps_hidden_files(project: Project) -> None:
    site = built(project).folder / "site"
    (site / ".git").mkdir()
    (site / "stale.html").write_text("")
    built(project)
    assert (site / ".git").is_dir()
    assert not (site / "stale.html").exists()


WRONG_OPTIONS = {
    "{}": "'sources'",
    "sources: package": "Expected a list of items",
    "sources: [{path: scripts/a, to: a}, {path: scripts/b, to: b}]": "be the Python module 'main'",
    "sources: [{path: nowhere}]": "there is no Python file at 'nowhere'",
    "sources: [{to: x}]": "an entry without `path:` is what pyproject.toml checks, and that has no",
    "sources: [{path: package, too: x}]": "too",
    "sources: [{path: package, strict: maybe}]": "Expected type: <class 'bool'>",
    "sources: [{path: package, include: ['*.txt']}]": "nothing in 'package' matches '*.txt'",
    "sources: [{path: package}, {path: package/mean.py}]": "both become the page 'mean.md'",
    "sources: [{path: package}]\n      source_url: 'x/{file}'": "lacks {path}",
    "sources: [{path: package}]\n      source_url: 'x/{path}{line'": "is no template",
    "sources: [{path: package}]\n      source_url: 'x/{path}/{commit}'": "has {commit}; there are",
    "sources: [{path: package/mean.py, to: taken}]": "'taken/mean.md' is both a source file and",
}


@pytest.mark.parametrize("options", WRONG_OPTIONS)
def test_options_that_make_no_sense_are_refused(project: Project, options: str) -> None:
    config = CONFIG[: CONFIG.index("      sources:")] + f"      {options}\n"
    project.write({"mkdocs.yml": config, "docs/taken/mean.md": "# Taken"})
    project.write({"scripts/a/main.py": "", "scripts/b/main.py": ""})
    code, output = project.build()
    assert code == 1
    assert WRONG_OPTIONS[options] in output
    assert "Traceback" not in output
    assert not (project.folder / "site").exists()


def test_annotated_sources_of_others_build_without_a_complaint(project: Project) -> None:
    """Docstrings that are not raw, LaTeX everywhere, front matter, links to `radam.html`."""
    package = Path(sysconfig.get_path("purelib")) / "labml_nn" / "optimizers"
    shutil.copytree(
        package, project.folder / "optimizers", ignore=shutil.ignore_patterns("__pycache__")
    )
    config = CONFIG.replace("path: package", "path: optimizers\n          strict: false")
    project.write({"mkdocs.yml": config, "docs/index.md": "# Home\n"})
    code, output = project.build("--no-strict")
    assert code == 0, output
    complaints = [line for line in output.splitlines() if "WARNING" in line]
    # Two links lead to files that the wheel does not contain. So do three pictures: pages say it.
    assert all("contains a link" in line for line in complaints)
    assert len(complaints) == 2, complaints
    html = project.page("annotated/radam")
    assert "<title>Rectified Adam (RAdam) optimizer - Test</title>" in html
    assert html.count('class="katex"') > 100
    assert '<a href="../ada' in html or '<a href="../amsgrad/' in html


@pytest.mark.skipif(not importlib.util.find_spec("properdocs"), reason="needs properdocs")
def test_the_maintained_continuation_of_mkdocs_runs_the_plugin_as_it_is(project: Project) -> None:
    command = [
        sys.executable,
        "-m",
        "properdocs",
        "build",
        "-f",
        str(project.folder / "mkdocs.yml"),
    ]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    assert 'class="katex"' in project.page("annotated/mean")
    project.write({"docs/index.md": "# Home\n\n[Mean](annotated/mean.md#Mean.sub)\n"})
    failed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert "docs/index.md:3: contains a link" in failed.stderr
    assert (project.folder / "site").is_dir()


def test_without_katex_the_error_says_what_to_do(project: Project) -> None:
    (project.folder / "node_modules").unlink()
    code, output = project.build()
    assert code == 1
    assert re.search("katex is not installed .* run `npm install katex`", output)
    assert "Traceback" not in output


def test_serve_rebuilds_when_a_source_file_changes(project: Project) -> None:
    with serving(project, "-q") as address:
        assert "a wonderful remark" in fetch(address, "a wonderful remark")
        time.sleep(0.6)
        project.write({"package/mean.py": MEAN.replace("wonderful", "splendid")})
        assert "a splendid remark" in fetch(address, "a splendid remark")
        assert not (project.folder / "site").exists()


@contextmanager
def serving(project: Project, *arguments: str) -> Iterator[str]:
    """Run `mkdocs serve`; yield its address. What it says is in the file `log`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    log = (project.folder / "log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "mkdocs", "serve", *arguments, "-a", address],
        cwd=project.folder,
        stdout=log,
        stderr=log,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        yield address
    finally:
        server.terminate()
        server.wait(60)
        log.close()


def fetch(address: str, wanted: str) -> str:
    """The served page, as soon as it contains the text."""
    html, end = "", time.monotonic() + 120
    while wanted not in html and time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://{address}/annotated/mean/", timeout=5) as page:
                html = page.read().decode()
        except OSError:
            pass
        time.sleep(0.2)
    return re.sub("<[^>]*>", "", html)


MANY_ERRORS = {
    "package/mean.py": "# a ← (b\nx = 1\n\n\ndef f():\n    '''Then y ← 5.\n\n        z ← (1'''\n",
    "package/syntax.py": "x = = 1\n",
    "package/numbers.py": '"""# $\\underline{x}$"""\n# $$\\foo$$\nx = 1\n',
    "docs/index.md": "# Home\n\nNo $(formula$, and [no page](nowhere.md).\n",
}


def test_all_that_is_wrong_is_told_at_once_with_the_remedies(project: Project) -> None:
    project.write(MANY_ERRORS)
    (project.folder / "package/gone.py").symlink_to("nowhere.py")
    code, output = project.build()
    assert code == 1
    assert "Traceback" not in output
    for place in (
        "package/mean.py:1: `a ← (b` is no formula",
        "package/mean.py:6: `Then y ← 5.` is no formula",
        "package/mean.py:8: `z ← (1` is no formula",
        "package/syntax.py:1: does not parse as Python",
        "package/numbers.py:1: does not parse as Python",
        "package/gone.py:1: cannot be read: No such file or directory",
        "docs/index.md:3: `$(formula$` is no formula",
        "docs/index.md:3: contains a link 'nowhere.md'",
    ):
        assert place in output, output
    for remedy in ("in `exclude:`", 'make it raw: r"""…"""', "Say `strict: false`"):
        assert remedy in output


def test_with_strict_false_the_rest_is_built_and_a_bad_page_says_why(project: Project) -> None:
    project.write(
        {"mkdocs.yml": CONFIG.replace("to: annotated", "strict: false\n          to: annotated")}
    )
    project.write(MANY_ERRORS | {"docs/index.md": "# Home\n"})
    project.folder.joinpath("package/latin.py").write_bytes(
        b"# coding: latin-1\n# caf\xe9\nx = 1\n"
    )
    project.folder.joinpath("package/rot.py").write_bytes(b"# coding: rot13\nk = 1\n")
    project.folder.joinpath("package/puny.py").write_bytes(b"# coding: punycode\nk = 1\n")
    code, output = project.build("--no-strict")
    assert code == 0, output
    assert "WARNING -  sidebyside: package/syntax.py:1: does not parse" in output
    html = project.page("annotated/syntax")
    assert "package/syntax.py:1: does not parse as Python" in html
    assert re.search(r"<h1[^>]*><code>syntax\.py</code>", html)  # one name for each in the contents
    assert "x = = 1" in re.sub("<[^>]*>", "", html)
    assert "is not a text encoding" in project.page("annotated/rot")
    assert "package/puny.py:1: decoding with" in project.page("annotated/puny")
    assert "café" in project.page("annotated/latin")
    assert "Then y ← 5." in project.page("annotated/mean")


def test_a_package_with_an_init_file_works_beside_a_home_page(project: Project) -> None:
    config = CONFIG.replace("          to: annotated\n", "")
    project.write({"mkdocs.yml": config, "docs/index.md": "# Home\n\n[It](package.md)\n"})
    text = NUMBERS + "# See [the package](__init__.py).\nx = 1\n"
    project.write({"package/numbers.py": text})
    assert "<h1" in built(project).page("package")
    assert '<a href="../package/">the package</a>' in project.page("numbers")


def test_odd_names_of_folders_and_files_are_no_trouble(project: Project) -> None:
    project.write(
        {
            "docs/index.md": "# Home\n",
            "package/x.py/inside.py": "x = 1\n",
            "package/spaces/with — dash.py": "import package.spaces\n\nx = package.spaces\n",
            "package/.hidden/a.py": "x = = 1\n",
            "package/.#lock.py": "x = = 1\n",
        }
    )
    names = built(project).site().keys()
    assert "site/annotated/x.py/inside/index.html" in names
    assert "site/annotated/spaces/with — dash/index.html" in names


NESTED = [
    "# " + "(" * 300 + "x" + ")" * 300,
    "# $" + "(" * 300 + "x" + ")" * 300 + "$",
    "# $" + "{" * 300 + "x" + "}" * 300 + "$",
    "# " + "[" * 300 + "x" + "]" * 300,
    "# " + "> " * 300 + "x",
    "# " + "*" * 300 + "x" + "_" * 300,
    "# " + "<b>" * 300 + "x" + "</b>" * 300,
    "\n".join("# " + "  " * n + "* x" for n in range(300)),
    "x = " + "(" * 150 + "1" + ")" * 150,
    "x = " + "-" * 300 + "1",
    "x = " + " + ".join(["1"] * 300),
    "x" + ".y" * 900,
    "x" + "(1)" * 90,
    "if x: pass\n" + "elif x: pass\n" * 900 + "y = 1",
]


@pytest.mark.parametrize("nested", NESTED, ids=lambda text: text[:14])
def test_deep_nesting_is_no_trouble(project: Project, nested: str) -> None:
    config = CONFIG.replace("to: annotated", "strict: false\n          to: annotated")
    project.write({"mkdocs.yml": config, "docs/index.md": "# Home\n"})
    project.write({"package/deep.py": f"{nested}\nlast = 'line'\n"})
    assert "line" in built(project).page("annotated/deep")


def test_a_site_without_formulas_needs_no_katex(project: Project) -> None:
    (project.folder / "node_modules").unlink()
    plain = '"""# Numbers"""\n\n\ndef half(x):\n    """## A half"""\n    return x / 2\n'
    project.write({"docs/index.md": "# Home\n", "package/numbers.py": plain})
    (project.folder / "package/mean.py").unlink()
    html = built(project).page("annotated/numbers")
    assert "katex" not in html
    assert 'sidebyside.css" rel="stylesheet"' in html or "sidebyside.css" in html


def test_only_a_page_with_a_formula_asks_for_the_stylesheet_of_formulas(project: Project) -> None:
    plain = '"""# Plain"""\n\nx = 1\n'
    project.write({"package/plain.py": plain})
    assert "katex.css" not in built(project).page("annotated/plain")
    assert "katex.css" in project.page("annotated/mean")
