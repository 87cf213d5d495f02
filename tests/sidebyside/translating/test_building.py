"""A site of two languages, built with the commands that authors use."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import polib
import pytest

from sidebyside.__main__ import main
from sidebyside.translating.building import entitle_code, read_editions
from sidebyside.translating.editions import Original
from sidebyside.translating.shelf import Language, Shelf
from tests.sidebyside.test_mkdocs import CONFIG, Project, built, project

__all__ = ["project"]  # a fixture

TWO = CONFIG.replace(
    "      source_url:", "      languages:\n        - {code: ja, name: 日本語}\n      source_url:"
).replace("site_name: Test", "site_name: Test\nsite_url: https://example.org/docs/")
TWO += "exclude_docs: /translations/\n"
SITE = "docs/translations/ja/site.po"
MEAN = "docs/translations/ja/annotated/mean.po"
SAID = {"A running mean": "移動平均", "Old numbers fade.": "古い数値は薄れていきます。"}


def translate(file: Path, said: dict[str, str]) -> None:
    """Fill in a catalog."""
    catalog = polib.pofile(str(file), wrapwidth=0)
    for entry in catalog:
        entry.msgstr = said.get(entry.msgid, entry.msgstr)
    catalog.save()


@pytest.fixture
def two(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The project, with catalogs in Japanese: of one page, with two messages translated."""
    project.write({"mkdocs.yml": TWO})
    monkeypatch.chdir(project.folder)
    assert main(["translations", "--add", "annotated/mean"]) == 0
    translate(project.folder / MEAN, SAID)
    return project


def test_a_translated_page_is_english_in_all_but_its_words(two: Project) -> None:
    built(two)
    page, english = two.page("ja/annotated/mean"), two.page("annotated/mean")
    assert '<html lang="ja"' in page
    assert "古い数値は薄れていきます。" in page
    assert '<h1 id="a-running-mean">移動平均' in page
    assert re.findall(r"<pre.*?</pre>", page) == re.findall(r"<pre.*?</pre>", english)
    assert '<link rel="canonical" href="https://example.org/docs/ja/annotated/mean/">' in page


def test_a_message_without_translation_is_english_and_marked(two: Project) -> None:
    page = built(two).page("ja/annotated/mean")
    assert re.search(r'<h2 id="Mean" lang="en"[^>]*>The mean', page)
    assert '<p class="sbs-untranslated" lang="ja">' in page
    other = two.page("ja/annotated/numbers")  # has no catalog at all
    assert re.search(r'<article[^>]* lang="en"', other)


def test_a_page_hardly_begun_is_english_as_a_whole(two: Project) -> None:
    translate(two.folder / MEAN, {"A running mean": "移動平均", "Old numbers fade.": ""})
    many = "\n\n".join(f"# Sentence {'x' * n} is here." for n in range(20))
    source = (two.folder / "package/mean.py").read_text(encoding="utf-8")
    two.write({"package/mean.py": f"{source}\n\n{many}\n"})
    assert main(["translations"]) == 0
    page = built(two).page("ja/annotated/mean")
    assert re.search(r'<article[^>]* lang="en"', page)
    assert '<h1 id="a-running-mean" lang="ja">移動平均' in page


def test_the_map_of_the_site_names_all_languages_of_a_page(two: Project) -> None:
    built(two)
    for folder in ("site", "site/ja"):
        text = (two.folder / folder / "sitemap.xml").read_text(encoding="utf-8")
        for tag, code in (("en", ""), ("ja", "ja/"), ("x-default", "")):
            link = f'hreflang="{tag}" href="https://example.org/docs/{code}annotated/mean/"'
            assert text.count(link) == 1


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("また $ε$ を足します。", r"mean\.po:\d+: locked: \$ε\$ is not in the English text"),
        ("古い数値は、\u200b薄れます。", r"mean\.po:\d+: characters: .*U\+200B"),
    ],
)
def test_a_wrong_catalog_keeps_the_last_site_and_shows_both_texts(
    two: Project, damage: str, says: str
) -> None:
    before = built(two).site()
    translate(two.folder / MEAN, {"Old numbers fade.": damage})
    code, output = two.build()
    assert code != 0
    assert re.search(says, output)
    assert f"    English: Old numbers fade.\n    here:    {damage}" in output
    assert two.site() == before


def test_a_broken_catalog_stops_the_build_with_its_line(two: Project) -> None:
    text = (two.folder / MEAN).read_text(encoding="utf-8")
    two.write({MEAN: text.replace('"移動平均"', '"移動平均')})
    code, output = two.build()
    assert code != 0
    assert re.search(r"annotated/mean\.po:\d+: cannot read `msgstr \"移動平均`", output)


def test_while_one_writes_english_stands_where_a_translation_is_wrong(two: Project) -> None:
    translate(two.folder / MEAN, {"Old numbers fade.": "また $ε$ を足します。"})
    shelf = Shelf(two.folder / "docs/translations", [Language("ja", "日本語", "ja")])
    (edition,) = read_editions(shelf, Original(), lenient=True)
    assert edition.phrase("A running mean") == "移動平均"
    assert edition.phrase("Old numbers fade.") == "Old numbers fade."


def test_a_change_of_the_text_is_noticed_and_nothing_is_lost(
    two: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["translations", "--check"]) == 0
    source = (two.folder / "package/mean.py").read_text(encoding="utf-8")
    two.write({"package/mean.py": source.replace("Old numbers fade.", "Old numbers fade away.")})
    assert main(["translations", "--check"]) == 1
    assert "1 changed in English: a translation to look at" in capsys.readouterr().out
    assert main(["translations"]) == 0
    catalog = polib.pofile(str(two.folder / MEAN))
    (entry,) = [each for each in catalog if each.msgid == "Old numbers fade away."]
    assert entry.fuzzy
    assert entry.msgstr == SAID["Old numbers fade."]
    assert main(["translations", "--check"]) == 0


def test_a_site_that_cannot_be_built_says_why_to_who_translates(
    two: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    two.write({"package/mean.py": '"""\n# A mean\n\n    m_t <- m_{t-1} +\n"""\n'})
    assert main(["translations", "--check"]) == 2
    told = capsys.readouterr().err
    assert "mkdocs.yml: the site cannot be built:\npackage/mean.py:4: " in told


HOOK = """
import drawn
from sidebyside.translating.editions import said

def on_page_markdown(markdown, config, **_):
    say = config.plugins["sidebyside"].say
    return markdown.replace("<!-- drawn -->", said(drawn.table(say, runs=8)))
"""
DRAWN = """
def table(say, runs):
    if runs == 0:
        return say("No runs.")
    name = say(", ".join(["sgd", "tuned"]))
    return f"| {name} |\\n| --- |\\n| {say('Of {runs} runs', runs=runs)} |"
"""


def test_what_a_hook_says_with_numbers_is_a_label_and_never_cut_again(
    two: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "drawn", raising=False)
    two.write(
        {
            "mkdocs.yml": TWO.replace("  - toc:", "  - tables\n  - md_in_html\n  - toc:")
            + "hooks:\n  - hooks/hook.py\n",
            "hooks/hook.py": HOOK,
            "hooks/drawn.py": DRAWN,
            "docs/runs.md": "# Our runs\n\n<!-- drawn -->\n",
        }
    )
    assert main(["translations", "--add", "runs"]) == 0
    labels = {entry.msgid for entry in polib.pofile(str(two.folder / SITE))}
    assert {"No runs.", "Of {runs} runs", "sgd, tuned"} <= labels  # in the program, or once said
    page = polib.pofile(str(two.folder / "docs/translations/ja/runs.po"))
    assert [entry.msgid for entry in page] == ["Our runs"]
    translate(two.folder / SITE, {"Of {runs} runs": "全 {runs} 回", "sgd, tuned": "調整済みの SGD"})
    translate(two.folder / "docs/translations/ja/runs.po", {"Our runs": "実行"})
    html = built(two).page("ja/runs")
    assert "<td>全 8 回</td>" in html
    assert "調整済みの SGD" in html
    assert 'lang="en"' not in html[html.index("<article") : html.index("</article>")]
    assert "data-said" not in html


def test_what_nobody_says_any_more_and_all_that_cannot_be_read_is_told_with_its_line(
    two: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (two.folder / MEAN).read_text(encoding="utf-8")
    two.write({MEAN: f'{text}\nmsgid "Once said."\nmsgstr "昔の文です。"\n'})
    capsys.readouterr()
    assert main(["translations", "--check"]) == 1
    assert re.search(r"mean\.po:\d+: no longer used: Once said\.\n", capsys.readouterr().out)
    two.write({MEAN: text.replace('"移動平均"', '"移動平均'), SITE: "not a catalog"})
    assert main(["translations", "--check"]) == 2
    told = capsys.readouterr().err
    assert re.search(r"mean\.po:\d+: cannot read", told)
    assert re.search(r"site\.po:1: cannot read", told)


def test_another_language_is_a_line_of_configuration(two: Project) -> None:
    two.write(
        {"mkdocs.yml": TWO.replace("日本語}\n", "日本語}\n        - {code: eo, name: E-o}\n")}
    )
    assert main(["translations"]) == 0
    files = [
        path.relative_to(two.folder) for path in two.folder.glob("docs/translations/eo/**/*.po")
    ]
    assert len(files) == 2
    translate(two.folder / MEAN.replace("/ja/", "/eo/"), {"A running mean": "Meza valoro"})
    assert '<h1 id="a-running-mean">Meza valoro' in built(two).page("eo/annotated/mean")


def test_a_page_that_does_not_exist_gets_no_catalog(
    two: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["translations", "--add", "nowhere"]) == 2
    assert "the site has no page 'nowhere'" in capsys.readouterr().err


def test_titles_of_code_are_translated_and_names_of_files_stay() -> None:
    html = '<span class="filename">{}</span><pre>All is well</pre>'
    said = {"All is well": "<問題なし>"}.__getitem__
    assert entitle_code(html.format("All is well"), said) == html.format("&lt;問題なし&gt;")
    assert entitle_code(html.format("docs/a.md"), said) == html.format("docs/a.md")
