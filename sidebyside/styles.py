"""
# How other people write

Prose of others follows other habits: underlined titles, the sections of NumPy and Google, roles and
directives of reStructuredText, code among words. Each habit has a reader: a function that takes the
lines of a piece of prose and gives them back as the Markdown that says the same. A reader changes
only what it knows; all else stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeAlias

from sidebyside.source import Line

Reader: TypeAlias = Callable[[Sequence[Line]], list[Line]]


def as_markdown(lines: Sequence[Line], *, comment: bool) -> list[Line]:
    """The prose of a comment or a docstring of others, as Markdown."""
    readers = (with_plain_roles, with_plain_signs) if comment else DOCSTRING
    for reader in readers:
        lines = reader(lines)
    return list(lines)


def with_marked_titles(lines: Sequence[Line]) -> list[Line]:
    """Titles between two rules, or above one that Markdown does not know, as headings."""
    made: list[Line] = []
    at = 0
    while at < len(lines):
        rule, title, below = (_text(lines, at + n) for n in range(3))
        if (
            rule[:1] != "~"
            and _RULE.match(rule)
            and title.strip()
            and below == rule
            and len(rule) >= len(title.strip())
        ):
            made.append(replace(lines[at + 1], text=f"# {title.strip()}"))
            at += 3
        elif (
            not _text(lines, at - 1).strip()
            and _RULE.match(title)
            and title[0] not in "=-*"
            and _is_title(rule, title)
        ):
            made.append(replace(lines[at], text=f"### {rule}"))
            at += 2
        else:
            made.append(lines[at])
            at += 1
    return made


def with_lists(lines: Sequence[Line]) -> list[Line]:
    """Sections such as `Parameters` and `Args:`, with what they explain as a list."""
    made: list[Line] = []
    at = 0
    while at < len(lines):
        name, below = lines[at].text, _text(lines, at + 1)
        numpy = name in _NUMPY and re.fullmatch(r"-{3,}|={3,}", below)
        inside = below or _text(lines, at + 2)
        google = _GOOGLE.match(name) and re.match(r"\s{2,}\S", inside)
        if not (numpy or google):
            made.append(lines[at])
            at += 1
            continue
        block = _block(lines, at + (2 if numpy else 1), is_indented=not numpy)
        title = name.rstrip(":")
        made += [replace(lines[at], text=f"**{title}**"), replace(lines[at], text="")]
        made += _code(block) if title.rstrip("s") in _CODE else _items(block, title)
        at += (2 if numpy else 1) + len(block)
    return made


def with_directives(lines: Sequence[Line]) -> list[Line]:
    """Blocks of reStructuredText: formulas, code, pictures, and remarks."""
    made: list[Line] = []
    at = 0
    while at < len(lines):
        found = _DIRECTIVE.match(lines[at].text)
        literal = lines[at].text.endswith("::") and not found and lines[at].text.strip() != "::"
        if not found and not literal:
            made.append(lines[at])
            at += 1
            continue
        indentation = _indent(lines[at].text)
        block = []
        for line in lines[at + 1 :]:
            if line.text.strip() and _indent(line.text) <= indentation:
                break
            block.append(line)
        while block and not block[-1].text.strip():
            block.pop()
        at += 1 + len(block)
        if literal:
            made.append(replace(lines[at - 1 - len(block)], text=_opening(lines, at, block)))
            made += _fenced(block, "python", indentation)
        elif found:
            made += _DIRECTIVES.get(found["name"], _remark)(
                lines[at - 1 - len(block)], found, block
            )
    return made


def with_plain_roles(lines: Sequence[Line]) -> list[Line]:
    """Roles and links of reStructuredText, in a sentence."""
    return _outside_code(lines, _without_roles)


def with_plain_signs(lines: Sequence[Line]) -> list[Line]:
    """Stars and underscores that stand for themselves: in products and powers, around names."""
    return _outside_code(lines, _with_plain_signs)


DOCSTRING: tuple[Reader, ...] = (
    with_marked_titles,
    with_directives,
    with_lists,
    with_plain_roles,
    with_plain_signs,
)

_RULE = re.compile(r"([=\-~^\"'#*+:_])\1{2,}$")
_BULLET = re.compile(r"\s*(?:[*+-]|\d+[.)])\s")
_BLOCK = re.compile(r"\s*(?:(?P<fence>```+|~~~+)|\\begin\{(?P<name>\w+))")
_STARS = re.compile(r"(?<![\\*])\*+")
_ARGUMENT = re.compile(r"\w*(?:args|kwargs|kwds)\b")
# Emphasis around several words, or a name such as `__init__`.
_UNDERSCORES = re.compile(
    r"(?<!\w)(?P<sign>_{1,2})(?=[^\W_])[^_]*\s[^_]*(?<=[^\s_])(?P=sign)(?!\w)"
    r"|(?<![\w\\])(?P<name>_+\w*|\w+_+)(?![\w{\\])"
)
# Code, formulas, links, their definitions, and tags: what is inside is not read as words.
_PIECES = re.compile(
    r"((`+)(?!`).+?(?<!`)\2(?!`)|\$\$?[^$]*\$\$?|\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])"
    r"|^\s*\[[^\]]+\]:.*?$|</?[a-zA-Z][^<>]*>)",
    re.DOTALL | re.MULTILINE,
)
_NUMPY = {
    *(
        "Parameters",
        "Other Parameters",
        "Returns",
        "Yields",
        "Receives",
        "Raises",
        "Warns",
        "Notes",
    ),
    *("Attributes", "Methods", "See Also", "Examples", "Example", "References", "Warnings"),
}
_GOOGLE = re.compile(
    r"(Args|Arguments|Parameters|Keyword Args|Keyword Arguments|Returns?|Yields?|Raises|Attributes"
    r"|Examples?|Usage|Shape|Inputs?|Outputs?):$"
)
_CODE = {"Example", "Usage"}
_DIRECTIVE = re.compile(r"\s*\.\. (?P<name>[\w:-]+)::\s*(?P<rest>.*)$")
_ITEM = re.compile(
    r"(?P<name>\*{0,2}[\w.`*, /]+?(?:\s*\([^()]*(?:\([^()]*\)[^()]*)*\))?)\s*:(?:\s+|$)(?P<text>.*)"
)
_TYPE = re.compile(r"(?P<name>\*{0,2}[\w.`*, /]+?)\s+:\s+(?P<type>.*)$")


def _text(lines: Sequence[Line], at: int) -> str:
    return lines[at].text if 0 <= at < len(lines) else ""


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _is_title(title: str, rule: str) -> bool:
    return bool(title) and not title.startswith(" ") and len(rule) >= len(title)


def _block(lines: Sequence[Line], start: int, *, is_indented: bool) -> list[Line]:
    """The lines of a section: to the next one, or as far as they are indented."""
    block: list[Line] = []
    for at in range(start, len(lines)):
        text = lines[at].text
        if is_indented and text.strip() and not text.startswith(" "):
            break
        if not is_indented and re.fullmatch(r"-{3,}|={3,}", _text(lines, at + 1)) and text.strip():
            break
        block.append(lines[at])
    return block


def _items(block: Sequence[Line], title: str) -> list[Line]:
    """What a section explains: each name an item, and what is said of it inside."""
    margin = min((_indent(line.text) for line in block if line.text.strip()), default=0)
    made: list[Line] = []
    inside = is_loose = False
    for line in block:
        text = line.text[margin:]
        if is_loose and text and not text.startswith(" ") and made[-1].text.strip():
            made.append(replace(line, text=""))  # or else Markdown takes it for text of the item
        is_loose = inside and not text if not text else is_loose and text.startswith(" ")
        typed = not text.startswith(" ") and _TYPE.match(text)
        item = not text.startswith(" ") and _ITEM.match(text)
        if typed and not typed["type"].endswith("."):
            made.append(replace(line, text=f"* `{typed['name']}` ({typed['type']})"))
            inside = True
        elif item and title not in ("Notes", "References"):
            name = item["name"].replace("`", "")
            made.append(replace(line, text=f"* `{name}`: {item['text']}".rstrip(": ")))
            inside = True
        else:
            inside = inside and (not text or text.startswith(" "))
            made.append(replace(line, text=f"    {text.strip()}" if inside and text else text))
    return made


def _code(block: list[Line]) -> list[Line]:
    """Code with a fence around it; a session has one already."""
    while block and not block[-1].text.strip():
        block = block[:-1]
    if any(">>>" in line.text or "```" in line.text for line in block):
        margin = min((_indent(line.text) for line in block if line.text.strip()), default=0)
        return [*(replace(line, text=line.text[margin:]) for line in block), Line(0, "")]
    return _fenced(block, "python", 0)


def _fenced(block: list[Line], language: str, indentation: int) -> list[Line]:
    filled = [line for line in block if line.text.strip()]
    if not filled:
        return []
    margin = min(_indent(line.text) for line in filled)
    space = " " * indentation
    lines = block[block.index(filled[0]) :]
    first, last = lines[0], lines[-1]
    code = [replace(line, text=space + line.text[margin:]) for line in lines]
    fence = "~~~" if any("```" in line.text for line in code) else "```"
    return [
        replace(first, text=""),
        replace(first, text=f"{space}{fence}{language}"),
        *code,
        replace(last, text=f"{space}{fence}"),
        replace(last, text=""),
    ]


def _opening(lines: Sequence[Line], at: int, block: Sequence[Line]) -> str:
    """The sentence in front of a literal block; two colons mean one."""
    return lines[at - 1 - len(block)].text[:-1]


def _formula(line: Line, found: re.Match[str], block: list[Line]) -> list[Line]:
    """Formulas: one block each, as written."""
    space = " " * _indent(line.text)
    options = [each for each in block if not re.match(r"\s*:\w+:", each.text)]
    body = [replace(line, text=found["rest"])] * bool(found["rest"]) + options
    filled = [each for each in body if each.text.strip()]
    if not filled:
        return []
    rows = [replace(each, text=space + each.text.strip()) for each in filled]
    begin, end = replace(filled[0], text=f"{space}$$"), replace(filled[-1], text=f"{space}$$")
    return [replace(line, text=""), begin, *rows, end, replace(end, text="")]


def _picture(line: Line, found: re.Match[str], block: list[Line]) -> list[Line]:
    options = dict(re.findall(r":(\w+):\s*(.*)", "\n".join(each.text for each in block)))
    alt = options.get("alt", "")
    return [replace(line, text=f"![{alt}]({found['rest'].strip()})"), replace(line, text="")]


def _listing(line: Line, found: re.Match[str], block: list[Line]) -> list[Line]:
    body = [each for each in block if not re.match(r"\s*:[\w-]+:", each.text)]
    language = re.fullmatch(r"[\w+#.-]+", found["rest"].strip() or "python")
    return _fenced(body, language[0] if language else "text", _indent(line.text))


def _remark(line: Line, found: re.Match[str], block: list[Line]) -> list[Line]:
    """A note, a warning and the like: its name, then its text."""
    space = " " * _indent(line.text)
    margin = min((_indent(each.text) for each in block if each.text.strip()), default=0)
    title = found["name"].replace("-", " ").capitalize()
    first = replace(line, text=f"{space}**{title}.** {found['rest']}".rstrip())
    body = [replace(each, text=(space + each.text[margin:]).rstrip()) for each in block]
    return [replace(line, text=""), first, *body, replace(line, text="")]


_DIRECTIVES: dict[str, Callable[[Line, re.Match[str], list[Line]], list[Line]]] = {
    "math": _formula,
    "image": _picture,
    "figure": _picture,
    "code": _listing,
    "code-block": _listing,
    "sourcecode": _listing,
}


def _without_roles(text: str) -> str:
    for pattern, said in _ROLES:
        text = pattern.sub(lambda found, said=said: _kept(found, said(found)), text)  # type: ignore[misc]
    return text


def _kept(found: re.Match[str], text: str) -> str:
    """What stands in the place of a role; no line is lost."""
    return "\n" * (found[0].count("\n") - text.count("\n")) + text


def _named(role: re.Match[str]) -> str:
    """The name in a role; a tilde in front of it asks for its last part alone."""
    whole = role[0].partition("`")[2].rstrip("`")
    return f"`{role[1]}`" if whole.startswith("~") else f"`{whole}`"


_ROLES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r":math:`([^`]+)`"), lambda found: f"${found[1]}$"),
    (re.compile(r":(pep|rfc):`(\d+)`"), lambda found: f"{found[1].upper()} {found[2]}"),
    (re.compile(r":\w+(?::\w+)?:`([^`<]+?)\s*<[^`>]+>`"), lambda found: found[1]),
    (re.compile(r":\w+(?::\w+)?:`~?(?:[\w.]+\.)?([^`]+)`(?!`)"), _named),
    (re.compile(r"(?<!`)`([^`<]+?)\s*<([^`>\s]+)>`__?"), lambda found: f"[{found[1]}]({found[2]})"),
    (re.compile(r"(?<![`\w])`([^`<]+)`_(?!\w)"), lambda found: f"`{found[1]}`"),
)


def _with_plain_signs(text: str) -> str:
    """A paragraph in which only what is emphasized has signs of emphasis."""
    parts = [*_PIECES.split(text), ""]
    # Split with two groups: words, a piece, the ticks of the piece, and so on.
    words, pieces = parts[0:-1:3], parts[1:-1:3]
    whole = "\ufdd2".join(words)
    plain = {run.start() for run in _STARS.finditer(whole)} - set(_meant(whole))
    whole = _STARS.sub(lambda run: _escaped(run[0]) if run.start() in plain else run[0], whole)
    whole = _UNDERSCORES.sub(_with_plain_underscores, whole)
    words = whole.split("\ufdd2")
    return "".join(f"{word}{piece}" for word, piece in zip(words, [*pieces, ""], strict=True))


def _meant(text: str) -> Iterator[int]:
    """Where stars stand in pairs around some words, or alone: as bullets and between spaces."""
    opened: list[re.Match[str]] = []
    for run in _STARS.finditer(text):
        before, after = text[run.start() - 1 : run.start()], text[run.end() : run.end() + 1]
        if not before.strip() and not after.strip():
            yield run.start()
        elif before.strip() and (not after or not after.isalnum()) and opened:
            same = [place for place, each in enumerate(opened) if each[0] == run[0]]
            if same:
                yield from (opened[same[-1]].start(), run.start())
                opened = opened[: same[-1]]
        elif after.strip() and not (before.isalnum() or before in (")", "]", "_")):
            opened += [] if _ARGUMENT.match(text, run.end()) else [run]


def _with_plain_underscores(found: re.Match[str]) -> str:
    return (
        re.sub(r"^_+|_+$", lambda run: r"\_" * len(run[0]), found[0]) if found["name"] else found[0]
    )


def _escaped(stars: str) -> str:
    return r"\*" * len(stars)


def _outside_code(lines: Sequence[Line], change: Callable[[str], str]) -> list[Line]:
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
                margin = _indent(text) + 4
            was_code = is_code or (was_code and not text.strip())
            session = ">>>" in text or (session and bool(text.strip()))
            yield line, bool(text.strip()) and not is_code and not session
        before = text
