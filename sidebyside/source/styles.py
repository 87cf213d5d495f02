"""
# How other people write

Prose of others follows other habits: underlined titles, the sections of NumPy and Google, roles and
directives of reStructuredText, code among words. Each habit has a reader: a function that takes the
lines of a piece of prose and gives them back as the Markdown that says the same. A reader changes
only what it knows; all else stays as it was written.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from sidebyside.source.layouts import (
    fenced,
    with_definitions,
    with_docstring_margin,
    with_nested_lists,
    with_tables,
)
from sidebyside.source.sections import Line
from sidebyside.source.signs import outside_code, with_plain_signs

Reader: TypeAlias = Callable[[Sequence[Line]], list[Line]]


def as_markdown(lines: Sequence[Line], *, comment: bool) -> list[Line]:
    """The prose of a comment or a docstring of others, as Markdown."""
    for reader in COMMENT if comment else DOCSTRING:
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
            and (_is_title(rule, title) or _is_short_rule(lines, at + 1))
        ):
            made.append(replace(lines[at], text=f"### {rule}"))
            at += 2
        else:
            made.append(lines[at])
            at += 1
    return made


def without_labels(lines: Sequence[Line]) -> list[Line]:
    """Names of places, `.. _here:`, which only Sphinx links to."""
    made = [line for line in lines if not _LABEL.match(line.text)]
    while made and not made[0].text.strip():
        made.pop(0)
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
        is_code = title.rstrip("s") in _CODE
        made += _code(block) if is_code else _items(block, title, bool(numpy))
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
            made += fenced(block, "python", indentation)
        elif found:
            made += _DIRECTIVES.get(found["name"], _remark)(
                lines[at - 1 - len(block)], found, block
            )
    return made


def with_plain_roles(lines: Sequence[Line]) -> list[Line]:
    """Roles and links of reStructuredText, in a sentence."""
    return outside_code(lines, _without_roles)


COMMENT: tuple[Reader, ...] = (
    with_tables,
    with_nested_lists,
    with_plain_roles,
    with_plain_signs,
)
DOCSTRING: tuple[Reader, ...] = (
    with_docstring_margin,
    without_labels,
    with_marked_titles,
    with_directives,
    with_lists,
    with_definitions,
    *COMMENT,
)

_LABEL = re.compile(r"\s*\.\. _[^:`]+:\s*$")
_RULE = re.compile(r"([=\-~^\"'#*+:_])\1{2,}$")
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
    *(
        "Options",
        "Attributes",
        "Methods",
        "See Also",
        "Examples",
        "Example",
        "References",
        "Warnings",
    ),
}
_GOOGLE = re.compile(
    r"(Args|Arguments|Parameters|Keyword Args|Keyword Arguments|Returns?|Yields?|Raises|Attributes"
    r"|Examples?|Usage|Shape|Inputs?|Outputs?):$"
)
_CODE = {"Example", "Usage"}
_TEXT = {"Notes", "References"}  # in which a colon is a colon
_MARKER = re.compile(r"(?:[*+-]|\d+[.)])\s")
_DIRECTIVE = re.compile(r"\s*\.\. +(?P<name>[\w:-]+)::\s*(?P<rest>.*)$")
_ITEM = re.compile(
    r"(?P<name>\*{0,2}[\w.`*, /]+?(?:\s*\([^()]*(?:\([^()]*\)[^()]*)*\))?)\s*:(?:\s+|$)(?P<text>.*)"
)
_TYPE = re.compile(r"(?P<name>\*{0,2}[\w.`*, /]+?)(?P<space>\s*):\s+(?P<type>.*)$")


def _text(lines: Sequence[Line], at: int) -> str:
    return lines[at].text if 0 <= at < len(lines) else ""


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _is_title(title: str, rule: str) -> bool:
    return bool(title) and not title.startswith(" ") and len(rule) >= len(title)


def _is_short_rule(lines: Sequence[Line], at: int) -> bool:
    """Whether tildes are a rule that is shorter than its title, and no fence, which would close."""
    if lines[at].text[0] != "~" or not re.match(r"\S", lines[at - 1].text):
        return False
    rest = itertools.islice(lines, at + 1, None)
    return not any(line.text.startswith("~~~") for line in rest)


def _block(lines: Sequence[Line], start: int, *, is_indented: bool) -> list[Line]:
    """The lines of a section: to the next one, or as far as they are indented."""
    block: list[Line] = []
    is_session = False  # what a session prints may look like a title
    for at in range(start, len(lines)):
        text = lines[at].text
        is_session = ">>>" in text or (is_session and bool(text.strip()))
        if is_indented and text.strip() and not text.startswith(" "):
            break
        is_title = text.strip() and re.fullmatch(r"-{3,}|={3,}", _text(lines, at + 1))
        if not is_indented and is_title and not is_session:
            break
        block.append(lines[at])
    return block


def _items(block: Sequence[Line], title: str, is_numpy: bool) -> list[Line]:
    """What a section explains: each name an item, and what is said of it inside."""
    margin = min((_indent(line.text) for line in block if line.text.strip()), default=0)
    made: list[Line] = []
    inside = is_loose = False
    for at, line in enumerate(block):
        text = line.text[margin:]
        if is_loose and text and not text.startswith(" ") and made[-1].text.strip():
            made.append(replace(line, text=""))  # or else Markdown takes it for text of the item
        is_loose = inside and not text if not text else is_loose and text.startswith(" ")
        is_text = text.startswith(" ") or title in _TEXT or _MARKER.match(text)
        typed = not is_text and _TYPE.match(text)
        if typed and not typed["space"]:  # a type only where NumPy's words follow on their own line
            typed = typed if is_numpy and _text(block, at + 1)[margin:].startswith(" ") else None
        item = not is_text and _ITEM.match(text)
        if (typed or item) and not inside and made and made[-1].text.strip():
            made.append(replace(line, text=""))  # Markdown begins no list inside of a paragraph
        if typed and not typed["type"].endswith("."):
            made.append(replace(line, text=f"* `{typed['name']}` ({typed['type']})"))
            inside = True
        elif item:
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
    return fenced(block, "python", 0)


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
    return fenced(body, language[0] if language else "text", _indent(line.text))


def _remark(line: Line, found: re.Match[str], block: list[Line]) -> list[Line]:
    """A note, a warning and the like: its name, then its text."""
    space = " " * _indent(line.text)
    margin = min((_indent(each.text) for each in block if each.text.strip()), default=0)
    title = re.sub("(see|version)(?=also|added|changed)", r"\1 ", found["name"].replace("-", " "))
    body = [replace(each, text=(space + each.text[margin:]).rstrip()) for each in block]
    said = found["rest"].strip()
    while body and not said:
        said = body.pop(0).text.strip()
    first = replace(line, text=f"{space}**{title.capitalize()}.** {said}".rstrip())
    return [replace(line, text=""), first, *body, replace(line, text="")]


def _nothing(line: Line, found: re.Match[str], block: list[Line]) -> list[Line]:
    """What only says how a page of Sphinx looks."""
    return []


_DIRECTIVES: dict[str, Callable[[Line, re.Match[str], list[Line]], list[Line]]] = {
    "math": _formula,
    "image": _picture,
    "figure": _picture,
    "code": _listing,
    "code-block": _listing,
    "sourcecode": _listing,
    "rst-class": _nothing,
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
    (re.compile(r":\w+(?::\w+)?:`(?:~(?:[^`]*\.)?)?([^`]+)`(?!`)"), _named),
    (re.compile(r"(?<!`)`([^`<]+?)\s*<([^`>\s]+)>`__?"), lambda found: f"[{found[1]}]({found[2]})"),
    (re.compile(r"(?<![`\w])`([^`<]+)`_(?!\w)"), lambda found: f"`{found[1]}`"),
)
