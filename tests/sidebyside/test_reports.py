"""Recorded verdicts on the page: shown when they are about these sources, refused otherwise."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sidebyside.reasons import Reason, in_words
from sidebyside.rendering.addresses import SourceFile
from sidebyside.rendering.recorded import read_verdicts
from sidebyside.report import Entry, Report, hashes_of, read_report, write_report
from sidebyside.source.prose import FormulaLine
from tests.sidebyside.test_mkdocs import CONFIG, MEAN, ROOT, Project, fetch, serving

REPORT = "facts/checks.json"
PATH = "package/mean.py"
FORMULA = "mₜ ← β·mₜ₋₁ + (1 − β)·xₜ"
SOURCE = MEAN.replace("    See", "    * $mₜ$ is `self.mean`, the mean so far\n\n    See", 1)
ROW, LINE = (n for n, text in enumerate(SOURCE.splitlines(), 1) if FORMULA in text)
MENTION = next(n for n, text in enumerate(SOURCE.splitlines(), 1) if "$mₜ$" in text)
PROOF = (
    Reason("for-all", {"symbols": ["β ∈ (0, 1)"]}),
    Reason("agrees-lines", {"line": 21, "last": 22}),
    Reason("runs", {"runs": 3, "times": 9}),
)
ENTRIES = {
    PATH: (
        Entry(ROW, FORMULA, "definition", (Reason("used"),)),
        Entry(LINE, FORMULA, "proved", PROOF, 21, 22, runs=3, times=9, error=1e-16),
        Entry(MENTION, "mₜ", "mention"),
    ),
    "package/numbers.py": (Entry(5, "x", "mention"),),
    "package/__init__.py": (),
}
HOME = "# Home\n\n<!-- sidebyside: verdicts -->\n\nAnd more.\n"
NUMBERS = '"""# Numbers"""\n\n\ndef half(x):\n    """## A half of $x$"""\n    return x / 2\n'


def record(project: Project, entries: dict[str, tuple[Entry, ...]] = ENTRIES) -> None:
    """Write a report on the sources as they are."""
    paths = [*entries, "runs.py", "pyproject.toml [tool.sidebyside.check]"]
    hashes = hashes_of(project.folder, paths)
    write_report(Report(hashes, entries), project.folder / REPORT)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("NO_MKDOCS_2_WARNING", "1")
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    project = Project(tmp_path)
    option = f"to: annotated\n          report: {REPORT}"
    config = CONFIG.replace("to: annotated", option).replace(
        "      source_url", "      explanation: index.md\n      source_url"
    )
    project.write(
        {
            "mkdocs.yml": config,
            "docs/index.md": HOME,
            "package/__init__.py": '"""# The package"""\n',
            PATH: SOURCE,
            "package/numbers.py": NUMBERS,
            "runs.py": "# what was run\n",
            "pyproject.toml": '[tool.sidebyside.check]\nentry = "add"\n\n[tool.other]\na = 1\n',
        }
    )
    record(project)
    return project


def test_each_display_formula_has_its_verdict_in_a_sentence(project: Project) -> None:
    code, output = project.build()
    assert code == 0, output
    html = project.page("annotated/mean")
    assert len(re.findall(r'class="sbs-mark ', html)) == 2
    note = html.split(f'id="V{LINE}" popover>')[1].split("</div>")[0]
    assert note.startswith(
        "<p><strong>Proved</strong>: for all β\N{NO-BREAK SPACE}∈\N{NO-BREAK SPACE}(0, 1); "
        "agrees with lines "
        '<a href="#L21">21</a>–22; in 3 runs, 9 comparisons.</p>'
    )
    assert "<dt>mₜ</dt><dd>the mean so far</dd>" in note
    assert f'popovertarget="V{LINE}"' in html
    assert "<strong>Definition</strong>: the formulas that use it are compared." in html


def in_pyproject(project: Project, *, report: str = REPORT) -> None:
    """Say in `pyproject.toml` alone where the verdicts are."""
    config = (project.folder / "mkdocs.yml").read_text(encoding="utf-8")
    table = f'[tool.sidebyside.check]\nsources = ["./package/"]\nreport = "{report}"\n'
    project.write(
        {
            "mkdocs.yml": config.replace(f"          report: {REPORT}\n", ""),
            "pyproject.toml": table,
        }
    )


def test_where_the_verdicts_are_is_said_once_in_pyproject(project: Project) -> None:
    in_pyproject(project)
    record(project)
    code, output = project.build()
    assert code == 0, output
    assert "<strong>Proved</strong>" in project.page("annotated/mean")


def test_what_is_checked_is_named_once_in_pyproject(project: Project) -> None:
    in_pyproject(project)
    config = (project.folder / "mkdocs.yml").read_text(encoding="utf-8")
    assert "- path: package\n          " in config
    project.write({"mkdocs.yml": config.replace("- path: package\n          ", "- ")})
    record(project)
    code, output = project.build()
    assert code == 0, output
    assert "<strong>Proved</strong>" in project.page("annotated/mean")


def test_a_report_that_pyproject_names_and_is_not_there_stops_the_build(project: Project) -> None:
    in_pyproject(project, report="facts/none.json")
    code, output = project.build()
    assert code != 0
    assert "facts/none.json" in output


@pytest.mark.parametrize("text", ["[tool", "\x00", '[tool]\nsidebyside = "x"\n'])
def test_a_pyproject_that_says_nothing_is_an_error_only_if_it_is_no_toml(
    project: Project, text: str
) -> None:
    in_pyproject(project)
    project.write({"pyproject.toml": text})
    code, output = project.build()
    assert (code == 0) == text.endswith("\n"), output
    assert ("pyproject.toml: " in output) == (code != 0)
    assert "Traceback" not in output


def test_symbols_in_sentences_have_a_title_and_no_mark(project: Project) -> None:
    project.build()
    html = project.page("annotated/mean")
    (inline,) = re.findall(r'<span class="sbs-math sbs-short sbs-brief".*?</li>', html, re.DOTALL)
    assert 'title="mₜ: the mean so far"' in inline
    assert "sbs-mark" not in inline


def test_a_statement_in_a_sentence_has_a_mark_that_opens_a_note(project: Project) -> None:
    spoken = SOURCE.replace("    See", "    After one step $m₁ = 0$ is wrong.\n\n    See", 1)
    project.write({PATH: spoken})
    line = next(n for n, text in enumerate(spoken.splitlines(), 1) if "m₁" in text)
    moved = tuple(replace(e, line=e.line + 2 * (e.line > line)) for e in ENTRIES[PATH])
    said = Entry(line, "m₁ = 0", "tried", (Reason("holds-class", {"name": "Mean"}),), runs=1)
    record(project, {**ENTRIES, PATH: (*moved, said)})
    code, output = project.build()
    assert code == 0, output
    html = project.page("annotated/mean")
    assert html.count('class="sbs-mark sbs-inline sbs-sign sbs-tried"') == 1
    assert re.search(r'</span>&#8288;<button [^>]*class="sbs-mark sbs-inline', html)
    note = html.split(f'<span class="sbs-note" id="V{line}" popover>')[1].split("</span>")[0]
    assert note.startswith("<strong>Tried, not proved</strong>: holds after each step of Mean.")
    assert 'title="mₜ: the mean so far"' in html.split("After one step")[1].split("is wrong")[0]
    assert "3 formulas: 1 proved, 1 definition, 1 tried" in re.sub("<[^>]*>", "", html)


def test_a_symbol_that_a_row_defines_shows_the_row(project: Project) -> None:
    row = f"        {FORMULA}\n"
    spoken = SOURCE.replace(row, f"{row}        m̂ₜ ← mₜ / (1 − βᵗ)\n", 1)
    spoken = spoken.replace("    See", "    The average is $m̂ₜ$, at first $m̂₁$.\n\n    See", 1)
    project.write({PATH: spoken, "mkdocs.yml": CONFIG})
    code, output = project.build()
    assert code == 0, output
    html = project.page("annotated/mean")
    sentence = html.split("The average is")[1].split("</p>")[0]
    assert sentence.count('title="m̂ₜ: mₜ / (1 − βᵗ)"') == 2
    # What a list explains is not said again by a row.
    assert "mₜ: β" not in html


def test_pages_count_their_formulas_and_link_the_explanation(project: Project) -> None:
    project.build()
    (summary,) = re.findall(r'<p class="sbs-summary">(.*?)</p>', project.page("annotated/mean"))
    assert re.sub("<[^>]*>", "", summary) == (
        "2 formulas: 1 proved, 1 definition. How they are checked"
    )
    assert "where they only name something: 1.</p>" in project.page("annotated/mean")
    assert '<a class="sbs-why" href="../../">' in summary
    assert 'class="sbs-summary"' not in project.page("annotated/numbers")  # no formula there
    assert "2 formulas: " in project.page("")
    # What search reads, and the description of the page, speak of the subject only.
    index = (project.folder / "site/search/search_index.json").read_text(encoding="utf-8")
    assert "How they are checked" not in index
    assert 'content="Old numbers fade."' in project.page("annotated/mean")


def spoil(old: str, new: str, file: str = REPORT) -> Callable[[Project], None]:
    def change(project: Project) -> None:
        path = project.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


REMEDY = "python -m sidebyside check --record"
WRONG = {
    "a source has changed": (
        spoil("wonderful", "splendid", PATH),
        f"{PATH} has changed since it was checked; .*{REMEDY}",
    ),
    "what was run has changed": (
        spoil("was", "is", "runs.py"),
        f"runs.py has changed since it was checked; .*{REMEDY}",
    ),
    "the settings have changed": (
        spoil("add", "take", "pyproject.toml"),
        rf"pyproject\.toml \[tool\.sidebyside\.check\] has changed since it was .*{REMEDY}",
    ),
    "no report": (
        lambda project: (project.folder / REPORT).unlink(),
        f"{REPORT} does not exist; .*{REMEDY}",
    ),
    "a source that was not checked": (
        lambda project: project.write({"package/new.py": '"""# New"""\n'}),
        rf"package/new\.py is not in the report; .*{REMEDY}",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_report_of_other_sources_stops_the_build_and_the_last_site_stays(
    project: Project, case: str
) -> None:
    change, message = WRONG[case]
    project.build()
    before = project.site()
    change(project)
    code, output = project.build()
    assert code == 1
    assert re.search(message, output.replace("\n", " "))
    assert "Traceback" not in output
    assert project.site() == before


@pytest.mark.parametrize("left_out", [0, 1, 2], ids=["algorithm", "comment", "mention"])
def test_a_formula_without_an_entry_stops_the_build(project: Project, left_out: int) -> None:
    entries = [e for n, e in enumerate(ENTRIES[PATH]) if n != left_out]
    record(project, {**ENTRIES, PATH: tuple(entries)})
    code, output = project.build()
    assert code == 1
    missing = ENTRIES[PATH][left_out]
    assert f"{PATH}:{missing.line}: `{missing.text}` is not in the recorded report" in output
    assert REMEDY in output


def test_a_formula_that_failed_stops_the_build(project: Project) -> None:
    first, second, mention = ENTRIES[PATH]
    detail = "disagrees with line 21 (Mean(), step 2): formula 1, code 2"
    failed = Entry(second.line, FORMULA, "failed", in_words(detail))
    record(project, {**ENTRIES, PATH: (first, failed, mention)})
    code, output = project.build()
    assert code == 1
    assert f"{PATH}:{second.line}: `{FORMULA}` failed its check: {detail}" in output


def test_a_page_on_which_all_formulas_failed_stops_the_build_with_each(project: Project) -> None:
    *both, mention = ENTRIES[PATH]
    detail = "disagrees with line 21 (Mean(), step 2): formula 1, code 2"
    failed = [Entry(each.line, FORMULA, "failed", in_words(detail)) for each in both]
    record(project, {**ENTRIES, PATH: (*failed, mention)})
    code, output = project.build()
    assert code == 1
    assert "Traceback" not in output
    assert all(f"{PATH}:{each.line}: `{FORMULA}` failed its check" in output for each in both)


def test_an_explanation_that_does_not_exist_is_refused(project: Project) -> None:
    spoil("explanation: index.md", "explanation: none.md", "mkdocs.yml")(project)
    code, output = project.build()
    assert code == 1
    assert "explanation: there is no document 'none.md'" in output


def sources(project: Project) -> list[SourceFile]:
    return [
        SourceFile(project.folder / name, name, "", "", True, REPORT)
        for name in (PATH, "package/numbers.py")
    ]


def test_while_an_author_writes_only_the_changed_page_loses_its_marks(project: Project) -> None:
    verdicts = read_verdicts(project.folder, sources(project))
    assert verdicts.warning == ""
    spoil("wonderful", "splendid", PATH)(project)
    verdicts = read_verdicts(project.folder, sources(project))
    formula = FormulaLine("x", 5, None)
    assert verdicts.find(PATH, FormulaLine("new", 1, None)) is None
    assert verdicts.find("package/numbers.py", formula) is not None
    assert verdicts.warning.startswith(f"{PATH} has changed since it was checked; ")
    assert "\n" not in verdicts.warning


def test_while_an_author_writes_a_change_of_what_is_run_takes_all_marks_away(
    project: Project,
) -> None:
    spoil("was", "is", "runs.py")(project)
    verdicts = read_verdicts(project.folder, sources(project))
    assert verdicts.totals() == {}
    assert verdicts.find("package/numbers.py", FormulaLine("x", 5, None)) is None
    (project.folder / REPORT).unlink()
    verdicts = read_verdicts(project.folder, sources(project))
    assert verdicts.find(PATH, FormulaLine("x", 5, None)) is None
    assert "does not exist" in verdicts.warning


def test_serve_follows_what_an_author_writes_although_the_report_is_stale(
    project: Project,
) -> None:
    with serving(project, "--strict") as address:
        assert "2 formulas: 1 proved" in fetch(address, "wonderful")
        time.sleep(0.6)
        spoil("wonderful", "splendid", PATH)(project)
        page = fetch(address, "splendid")
        assert "This file has changed since its formulas were checked." in page
        assert "1 proved" not in page
    log = (project.folder / "log").read_text(encoding="utf-8")
    assert log.count("has changed since it was checked") == 1
    assert "WARNING" not in log


def test_our_report_is_of_our_sources() -> None:
    report = read_report(ROOT / "docs" / "facts" / "checks.json")
    report.verify(ROOT)
    assert report.ok
    assert "docs/configurations.py" in report.hashes
    assert "pyproject.toml [tool.sidebyside.check]" in report.hashes
    pages = {f"labml_nn_optim/{path.name}" for path in (ROOT / "labml_nn_optim").glob("*.py")}
    assert pages <= report.hashes.keys()


def test_a_site_with_verdicts_is_built_without_torch_and_the_checker(project: Project) -> None:
    code = (
        "import sys, mkdocs.__main__ as m\n"
        "try: m.cli(['build', '-q'])\n"
        "except SystemExit as end: assert not end.code\n"
        "print({'torch', 'sympy', 'numpy', 'sidebyside.checking.package'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project.folder, capture_output=True, text=True
    )
    assert done.stdout.strip() == "set()", done.stderr
