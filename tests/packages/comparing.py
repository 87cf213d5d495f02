"""
What a source says, held against what its page says, word by word.

The lines that a page does not show as code have to be prose: their words must stand on the page,
all of them, in the same order. Only markup may be missing. Each kind of markup has a rule here: a
pattern, and what of it readers do not get to see. Other words than the author's must not be on the
page, but for those that say what markup says (`.. note::` is *Note.*).
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

from tests.packages.reading_pages import TOKEN, Formula, ReadPage

# What of a piece of markup is not shown: all of it, or, where there are groups, these.
_TAGS = (
    "a|abbr|b|bdi|br|cite|code|del|dfn|em|i|img|ins|kbd|mark|q|s|samp|small|span|strong|sub|sup"
    "|time|u|var|wbr"
)
_INSIDE = r"(?:(?!\n[\s#]*\n)[\s\S])"  # of a paragraph
_TARGET = r"\s?\([^()\s]*(?:\([^()]*\)[^()]*)*(?:\s+\"[^\"]*\")?\)"
_SETTLED = r"code(?:-block)?|sourcecode|image|figure|math|rst-class|plot|testcode|doctest"
MARKUP = {
    "quotes": r"(?m)^\s*([rRuU]{1,2})(?=\"\"\"|'|\")",
    "role": r"(:(?:[\w.+-]+:)*[\w.+-]+:)`",
    "path before a name": r"`~([^`]+\.)[^`.]+`",
    "target of a role": r"`[^`<>]+?\s*(<[^`<>]+>)`",
    "picture": rf"(!\[)[^\[\]]*(\]{_TARGET})",
    "link": rf"(?<!!)(\[)(?:[^\[\]]|!?\[[^\[\]]*\])*(\]{_TARGET})",
    "word for a tool": r"(?m)(?:\"{3}|'{3})[ \t]*(#[ \t]*noqa.*)$",
    "reference": r"(\[)[^\[\]]+(\]\[\])",
    "definition of a link": r"(?m)^\s*\[[^\]]+\]:\s*\S+.*$|^\s*\.\. _[^:]+:.*$",
    "end of a reference": r"`[^`]+`(_{1,2})(?!\w)",
    "address": r"(<)(?:(?:https?|ftp)://[^<>\s]+|[\w.+-]+@[\w.-]+)(>)",
    "directive": r"(?m)^[\s#]*\.\.\s+(?:\|[^|]+\|\s+)?([\w:+-]+::)",
    "argument of a directive": rf"(?m)^[\s#]*\.\.\s+(?:{_SETTLED})::(.*)$",
    "option of a directive": r"(?m)^[\s#]*:[\w-]+:(?:[ \t]+\S*)?$",
    "language of a fence": r"(?m)^[\s#]*(?:```+|~~~+)\s*([\w+-]+)\s*$",
    "front matter": r"\A(?:#.*\n)*[rRuU]?(?:\"{3}|'{3})\s*\n---\n(?:.*\n)+?---\n",
    "tag": rf"</?(?:{_TAGS})\b[^<>]*>",
    "environment": r"\\(?:begin|end)\{(?:align|aligned|equation|gather|split|eqnarray)\*?\}",
    "dollars": rf"\$\$|(?<!\$)(?<!\w)\$(?=\S)(?=(?:(?!\$){_INSIDE})+\$)|(?<=\S)\$(?!\w)",
    "cell": r"(?m)^\s*#+\s?(%%+)[ \t]*(\[\w+\])?(?:.*?(?<=\s)([\w.-]+=.*)$)?",
    "head of a notebook": r"\A# ---\n(?:# .*\n)*?# ---\n",
    "label": r"(?m)^\s*\.\. _[^:`\n]+:\s*$",
    "comment of Markdown": r"<!--[\s\S]*?-->",
    "bullet": r"(?m)^[\s#]*([*+])\s",
    "number of an item": r"(?m)^[\s#]*(?:[*+-]\s+)?\d+([.)])\s",
    "emphasis": rf"(?<![\w*\\])(\*{{1,3}})(?=[^\s*])(?:(?!\*){_INSIDE})*?"
    r"(?<=[^\s*])(\*{1,3})(?![\w*])",
    "emphasis by underscores": r"(?<![\w\\])(__?)(?=[^\W_])[^_\n]*\s[^_\n]*(?<=[^\s_])(__?)(?!\w)",
    "rule": r"(?m)^[\s#]*([=*_+^]{2,}|=)\s*$",
    "escape": r"(\\)[^\w\s]|(?m:(\\)$)",
}
# Signs that are markup in some places only: what aligns the rows of formulas, and draws tables.
_PLACES = {
    "alignment": (
        r"\$\$[^$]*\$\$|\\begin\{(\w+\*?)\}[\s\S]*?\\end\{\1\}"
        r"|\.\. math::[\s\S]*?(?=\n[\s#]*\n[\s#]{0,4}\S)",
        r"&|\\\\",
    ),
    "table": (
        r"(?m)^.*\|.*\n[\s#]*\|?(?:\s*:?-{3,}:?\s*\|)*\s*:?-{3,}:?\s*\|?[ ]*\n(?:.*\|.*\n?)*",
        r"\|",
    ),
}
_TWO_WORDS = re.compile("(?<=see)(?=also)|(?<=version)(?=added|changed)")  # `seealso`
_RULES = [(kind, re.compile(pattern)) for kind, pattern in MARKUP.items()]


@dataclass(frozen=True)
class Word:
    """A word of the source, its line, and the kind of markup that it belongs to, if to any."""

    text: str
    line: int
    markup: str = ""


@dataclass
class Comparison:
    """What is wrong with a page, and how many words were markup, by kind."""

    faults: list[str] = field(default_factory=list)
    lines: int = 0
    words: int = 0
    formulas: int = 0
    markup: dict[str, int] = field(default_factory=dict)

    def add(self, other: Comparison) -> None:
        self.faults += other.faults
        self.lines += other.lines
        self.words += other.words
        self.formulas += other.formulas
        for kind, number in other.markup.items():
            self.markup[kind] = self.markup.get(kind, 0) + number


def compare(path: Path, name: str, page: ReadPage) -> Comparison:
    """Hold a source against its page."""
    text = _read(path)
    found = Comparison()
    found.faults += _code_faults(text, page.code)
    found.lines = len(page.code)
    shown = {number for number, _ in page.code}
    hidden = [n for n in range(1, text.count("\n") + 2) if n not in shown]
    found.faults += _hidden_code(text, hidden)
    words = list(_words(text, hidden))
    found.words = len(words)
    found.faults += _word_faults(words, list(_page_words(page, text)), Path(name), found.markup)
    found.formulas = len(page.formulas)
    found.faults = [f"{name}:{fault}" for fault in found.faults]
    return found


def _read(path: Path) -> str:
    data = path.read_bytes()
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    text = data.decode(encoding).removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")


def _code_faults(text: str, code: Sequence[tuple[int, str]]) -> Iterator[str]:
    """Each line of code stands once, in order, as in the file."""
    lines = text.split("\n")
    numbers = [number for number, _ in code]
    if numbers != sorted(set(numbers)):
        yield "1: lines of code are doubled or moved"
    for number, shown in code:
        if shown.removesuffix("\n") != lines[number - 1]:
            yield f"{number}: code differs: {lines[number - 1]!r} is shown as {shown!r}"


def _hidden_code(text: str, hidden: Iterable[int]) -> Iterator[str]:
    """What is not shown as code is a comment, or a string that stands for itself."""
    strings: set[int] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `\beta` in strings of others
        tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            strings.update(range(node.lineno, (node.end_lineno or 0) + 1))
    for number, line in enumerate(text.split("\n"), 1):
        is_prose = number in strings or not line.strip() or line.lstrip().startswith("#")
        if not is_prose and number in hidden:
            yield f"{number}: a line of code is not on the page: {line.strip()!r}"


def _words(text: str, hidden: Sequence[int]) -> Iterator[Word]:
    """The words of the lines that the page does not show as code."""
    lines = text.split("\n")
    prose = "\n".join(lines[number - 1] for number in hidden)
    kinds = _markup(prose)
    starts = [0]
    for number in hidden:
        starts.append(starts[-1] + len(lines[number - 1]) + 1)
    row = 0
    for match in TOKEN.finditer(prose):
        while match.start() >= starts[row + 1]:
            row += 1
        kind = kinds.get(match.start(), "")
        texts = _TWO_WORDS.sub(" ", match[0]).split() if kind == "directive" else [match[0]]
        yield from (Word(text, hidden[row], kind) for text in texts)


def _markup(prose: str) -> dict[int, str]:
    """The characters that are markup, and of which kind."""
    kinds: dict[int, str] = {}
    for kind, rule in _RULES:
        for match in rule.finditer(prose):
            for group in range(1, rule.groups + 1) if rule.groups else (0,):
                kinds |= dict.fromkeys(range(*match.span(group)), kind)
    for kind, (place, sign) in _PLACES.items():
        for found in re.finditer(place, prose):
            for match in re.compile(sign).finditer(prose, *found.span()):
                kinds |= dict.fromkeys(range(*match.span()), kind)
    return kinds


def _page_words(page: ReadPage, text: str) -> Iterator[str]:
    """The words of a page. A formula says what was written: LaTeX, or its plain spelling."""
    squeezed = re.sub(r"[\s#&]", "", text + text.replace("\\\\", "\\"))
    for item in page.items:
        if isinstance(item, Formula):
            written = re.sub(r"[\s#&]", "", item.tex) in squeezed or not item.text
            yield from TOKEN.findall(item.tex if written else item.text)
        else:
            yield from TOKEN.findall(item)


def _word_faults(
    words: Sequence[Word], page: Sequence[str], name: Path, markup: dict[str, int]
) -> Iterator[str]:
    """Words that are missing or moved, and words that nobody wrote. Counts what was markup."""
    needed = [n for n, word in enumerate(words) if not word.markup]
    # A page without a title has the name of the file, and types stand in brackets.
    ours = {*TOKEN.findall(f"{name.parent.name} {name.stem}"), "class", "function", "(", ")"}
    title = TOKEN.findall(name.parent.name if name.stem == "__init__" else name.stem)
    if [*page[: len(title)]] == title != [word.text for word in words[: len(title)]]:
        page = page[len(title) :]
    for lost, added in _differences([words[n].text for n in needed], page):
        missing, more = [words[needed[n]].text for n in lost], [page[n] for n in added]
        if letters("".join(missing)) == letters("".join(more)):
            continue
        # A sign that is markup may be equal to one beside it that is not; so look a bit further.
        for left, right in ((0, 0), (1, 0), (3, 0), (1, 1), (3, 3), (8, 24)):
            before = needed[lost.start - 1 - left] if lost.start > left else -1
            after = [*needed[lost.stop + right :][:1], len(words)][0]
            between = words[before + 1 : after]
            more = list(page[max(added.start - left, 0) : added.stop + right])
            if _explains(between, more, ours):
                _count_markup(between, more, markup)
                break
        else:
            line = words[min(before + 1, len(words) - 1)].line if words else 1
            yield f"{line}: missing {missing}, instead {[page[n] for n in added]}"


def _count_markup(written: Sequence[Word], shown: Sequence[str], markup: dict[str, int]) -> None:
    rest = Counter(shown)
    for word in written:
        if word.markup and not rest[word.text]:
            markup[word.markup] = markup.get(word.markup, 0) + 1
        rest[word.text] -= 1


def _explains(written: Sequence[Word], shown: Sequence[str], ours: Set[str]) -> bool:
    """Whether some words are what is shown, without what is markup."""
    at = 0
    for word in written:
        while at < len(shown) and shown[at] in ours and shown[at] != word.text:
            at += 1
        if at < len(shown) and shown[at].lower() == word.text.lower():
            at += 1
        elif not word.markup:
            return False
    return all(each in ours for each in shown[at:])


def _differences(
    one: Sequence[str], other: Sequence[str], window: int = 150
) -> Iterator[tuple[range, range]]:
    """Where two sequences differ; they meet again at the next six words that are equal."""
    i = j = 0
    while i < len(one) or j < len(other):
        if i < len(one) and j < len(other) and one[i] == other[j]:
            i, j = i + 1, j + 1
            continue
        a, b = _meeting(one[i : i + window + 6], other[j : j + window + 6])
        yield range(i, i + a), range(j, j + b)
        i, j = i + a, j + b


def _meeting(one: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """How much to skip of each."""
    for total in range(1, len(one) + len(other)):
        for a in range(max(0, total - len(other)), min(total, len(one)) + 1):
            b = total - a
            if one[a : a + 6] == other[b : b + 6] and (one[a:] or not other[b:]):
                return a, b
    return len(one), len(other)


def letters(text: str) -> str:
    """The characters of a formula without those that spelling may change."""
    return "".join(unicodedata.normalize("NFKC", text).split())
