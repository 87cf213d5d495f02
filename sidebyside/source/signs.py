"""
# Signs that stand for themselves

To Markdown, stars, underscores and backslashes are markup. In the text of others most of them are
what they look like: products and powers, names such as `__init__`, paths. What does not mark
anything gets a backslash, so that readers see it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from sidebyside.source.sections import Line

_BULLET = re.compile(r"\s*(?:[*+-]|\d+[.)])\s")
_BLOCK = re.compile(r"\s*(?:(?P<fence>```+|~~~+)|\\begin\{(?P<name>\w+))")
_ONE_BACKSLASH = r"(?<!(?<!\\)\\)"  # not behind one, that is; two are a backslash
_STARS = re.compile(rf"{_ONE_BACKSLASH}(?<!\*)\*+")
_ARGUMENT = re.compile(r"\w*(?:args|kwargs|kwds)\b")
_EMPHASIZED = 300  # characters; two stars that are farther apart have nothing to do with each other
# Emphasis around several words, or a name such as `__init__`.
_UNDERSCORES = re.compile(
    r"(?<!\w)(?P<sign>_{1,2})(?=[^\W_])[^_\n()\[\]'\"=]*\s[^_\n()\[\]'\"=]*(?<=[^\s_])(?P=sign)(?!\w)"
    rf"|(?<!\w){_ONE_BACKSLASH}(?P<name>_+\w*|\w+_+)(?![\w{{]|\\(?!\*))"
)
# Backslashes before signs that they would hide. One before a star and the like is markup.
_BACKSLASHES = re.compile(r"(?P<run>\\+)(?=(?P<sign>[\]`*_{}\[()>#+.!-])?)")
_BRACKETS = (
    r"\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]"  # with others inside; so their search ends soon
)
# Code, formulas, links, their definitions, and tags: what is inside is not read as words.
_PIECES = re.compile(
    r"((?<!`)(`+)(?!`).+?(?<!`)\2(?!`)|\$\$[^$]*\$\$|\$(?=[^\s$])[^$]*?(?<!\s)\$(?![0-9])"
    rf"|{_BRACKETS}(?:{_BRACKETS}|\([^()]*(?:\([^()]*\)[^()]*)*\))|^[ \t]*\[[^\[\]]+\]:.*?$"
    r"|</?[a-zA-Z][^<>]*>)",
    re.DOTALL | re.MULTILINE,
)
_BETWEEN = "\ufdd2"


def with_plain_signs(lines: Sequence[Line]) -> list[Line]:
    """Stars, underscores and backslashes that stand for themselves."""
    return outside_code(lines, _with_plain_signs)


def outside_code(lines: Sequence[Line], change: Callable[[str], str]) -> list[Line]:
    """Change the words of each paragraph: not code, neither in a sentence nor in a block."""
    made: list[Line] = []
    for is_words, run in groupby(_kinds(lines), key=lambda pair: pair[1]):
        found = [line for line, _ in run]
        texts = [line.text for line in found]
        texts = change("\n".join(texts)).split("\n") if is_words else texts
        made += [replace(line, text=text) for line, text in zip(found, texts, strict=True)]
    return made


def _kinds(lines: Sequence[Line]) -> Iterator[tuple[Line, bool]]:
    """Each line, and whether it holds words: not code, nor the space between paragraphs."""
    closing, margin = "", 0  # of a fence or an environment; where text in a list item stands
    before, was_code, session = "", False, False
    for line in lines:
        text, opening = line.text, _BLOCK.match(line.text)
        if closing:
            closing = "" if closing in text else closing
            yield line, False
        elif opening:
            closing = opening["fence"] or rf"\end{{{opening['name']}"
            yield line, False
        else:
            is_item = _BULLET.match(text)
            margin = margin if text.startswith(" ") or not text else 0
            is_code = text.startswith(" " * (margin + 4)) and (was_code or not before.strip())
            if is_item and not is_code:
                margin = len(text) - len(text.lstrip()) + 4
            was_code = is_code or (was_code and not text.strip())
            session = ">>>" in text or (session and bool(text.strip()))
            yield line, bool(text.strip()) and not is_code and not session
        before = text


def _with_plain_signs(text: str) -> str:
    """A paragraph in which only what is emphasized has signs of emphasis."""
    parts = [*_PIECES.split(text), ""]
    # Split with two groups: words, a piece, the ticks of the piece, and so on.
    words, pieces = parts[0:-1:3], parts[1:-1:3]
    whole = _BACKSLASHES.sub(_with_plain_backslashes, _BETWEEN.join(words))
    plain = {run.start() for run in _STARS.finditer(whole)} - set(_meant(whole))
    whole = _STARS.sub(lambda run: _escaped(run[0]) if run.start() in plain else run[0], whole)
    whole = _UNDERSCORES.sub(_with_plain_underscores, whole)
    words = whole.split(_BETWEEN)
    return "".join(f"{word}{piece}" for word, piece in zip(words, [*pieces, ""], strict=True))


def _meant(text: str) -> Iterator[int]:
    """Where stars stand in pairs around some words, or alone: as bullets and between spaces."""
    opened: list[re.Match[str]] = []
    for run in _STARS.finditer(text):
        before, after = text[run.start() - 1 : run.start()], text[run.end() : run.end() + 1]
        opened = [each for each in opened if run.start() - each.start() < _EMPHASIZED]
        if not before.strip() and not after.strip():
            yield run.start()
        elif before.strip() and not (after.isalnum() or after in ("(", "[", "{")) and opened:
            same = [place for place, each in enumerate(opened) if each[0] == run[0]]
            if same:
                yield from (opened[same[-1]].start(), run.start())
                opened = opened[: same[-1]]
        elif after.strip() and not (before.isalnum() or before in (")", "]", "_")):
            opened += [] if _ARGUMENT.match(text, run.end()) else [run]


def _with_plain_underscores(found: re.Match[str]) -> str:
    if not found["name"]:
        return found[0]
    return re.sub(r"^_+|_+$", lambda run: r"\_" * len(run[0]), found[0])


def _with_plain_backslashes(found: re.Match[str]) -> str:
    stays = len(found["run"]) == 1 and found["sign"] in (None, "*", "_", "`")
    return found["run"] if stays else found["run"] * 2


def _escaped(stars: str) -> str:
    return r"\*" * len(stars)
