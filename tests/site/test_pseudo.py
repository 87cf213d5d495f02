"""A made-up language, accented English, shows each text that nobody can translate."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from sidebyside.translating.editions import Edition, Original
from sidebyside.translating.messages import LOCKED
from sidebyside.translating.shelf import Language, Shelf
from tests.site.browsing import ROOT

ACCENTS = str.maketrans("aeiouyAEIOUY", "áéíóúýÁÉÍÓÚÝ")
# What is code, a name, a number, or a citation on any page.
SILENT = {"pre", "code", "math", "svg", "script", "style", "cite"}
# All pages that are translated somewhere.
CATALOGS = ROOT / "docs" / "translations" / "ja"
NAMED = {path.relative_to(CATALOGS).with_suffix("").as_posix() for path in CATALOGS.rglob("*.po")}
PAGES = sorted("" if name == "index" else f"{name}/" for name in NAMED - {"site"})


def accented(text: str) -> str:
    """English with an accent on each vowel, but for what is locked."""
    said, done = "", 0
    for start, end in (match.span() for match in LOCKED.finditer(text)):
        said += text[done:start].translate(ACCENTS) + text[start:end]
        done = end
    return said + text[done:].translate(ACCENTS)


class Pseudo(Edition):
    """An edition that knows every message and every label."""

    def knows(self, page: str) -> bool:
        return True

    def _find(self, page: str, text: str) -> str:
        return accented(text)


class Words(HTMLParser):
    """The texts that a page shows, outside code and formulas, and the words of these."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[str] = []
        self.code: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("br", "img", "hr", "input", "wbr", "link", "meta", "path"):
            return
        values = dict(attrs)
        self.code |= {*re.findall(r"[^\W_]+", values.get("id") or "")}
        classes = (values.get("class") or "").split()
        quiet = {"katex", "sbs-eyebrow", "sbs-source"} & {*classes}
        self.open.append("code" if quiet else tag)
        if not SILENT & {*self.open}:
            self.found += [values.get("aria-label") or "", values.get("title") or ""]

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("br", "img", "hr", "input", "wbr", "link", "meta", "path") and self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if SILENT & {*self.open}:
            self.code |= {*re.findall(r"[^\W_]+", data)}
        else:
            self.found.append(data)


@pytest.fixture(scope="module")
def pseudo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site in English and in the made-up language."""
    folder = tmp_path_factory.mktemp("mkdocs_")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setenv("NO_MKDOCS_2_WARNING", "1")

        def only_pseudo(shelf: Shelf, original: Original, *, lenient: bool) -> list[Edition]:
            return [Pseudo(Language("eo", "Éńglísh", "eo"), {}, original)]

        patch.setattr("sidebyside.mkdocs.plugin.read_editions", only_pseudo)
        config = load_config("mkdocs.yml", site_dir=str(folder))
        config.plugins.on_startup(command="serve", dirty=True)
        try:
            build(config)
        finally:
            config.plugins.on_shutdown()
    return folder / "eo"


# Where a page has words of ours. All else is the theme's, which knows many languages.
OURS = re.compile(
    r"<article.*?</article>|<dialog.*?</dialog>|<details class=.site-languages.*?</details>"
    r"|<span class=.md-ellipsis.>.*?</span>|<button[^>]*site-search-open.*?</button>",
    re.DOTALL,
)
# The language in the list of languages; definitions, and a value, where no tag can mark them.
CODE = {"English", "WeightDecay", "apply", "defaults", "None"}
WORD = re.compile(r"(?<![\w./`=&#-])[A-Za-z]{3,}(?![\w.(/`=-])")


@pytest.mark.parametrize("page", PAGES)
def test_no_text_of_a_page_is_hard_coded_in_english(pseudo: Path, page: str) -> None:
    names = set((ROOT / "docs/translations/names.txt").read_text(encoding="utf-8").split("\n"))
    words = Words()
    html = (pseudo / page / "index.html").read_text(encoding="utf-8")
    words.feed("".join(OURS.findall(html)))
    found = {word for text in words.found for word in WORD.findall(text)}
    # Where no tag can mark it, as in the navigation, code is known by the code of its page.
    left = {word for word in found if re.search("[aeiouy]", word)}
    assert left - names - CODE - words.code == set()
