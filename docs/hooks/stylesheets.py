"""Leave out of the stylesheets what no page needs: half of the theme's, and more.

A rule of the theme stays when each class that it asks for stands in a page or in a script, be it
as a mere word. What is inside of `:is`, `:where` and `:not` is not asked for. Variables go that
nothing asks for, most of them icons. Of our own stylesheets, the comments go.
"""

import re
from collections.abc import Iterator, Set
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

SHEETS = "assets/stylesheets/main.*.css"
UNUSED = "javascripts"  # the theme's own, which no page asks for
WORD = re.compile(r"[\w-]+")
CLASS = re.compile(r"\.((?:[\w-]|\\.)+)")
ALTERNATIVES = re.compile(r":(?:is|where|not)\([^()]*\)")
# What a brace or a semicolon inside of would mean nothing: strings, comments, addresses.
STRING = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\''
OPAQUE = rf"{STRING}|/\*.*?\*/|url\((?:{STRING}|[^)\"']*)\)"
MARK = re.compile(rf"(?:{OPAQUE})|(?P<mark>[{{}};])", re.DOTALL)
VARIABLE = re.compile(rf"(?<=[{{;])(?P<name>--[\w-]+):(?:{OPAQUE}|[^;{{}}\"'])*;?", re.DOTALL)
SPARED = re.compile(rf"(?P<kept>{STRING})|(?:\s*/\*.*?\*/)+\s*|\n\s*", re.DOTALL)
REFERENCE = re.compile(r"var\((--[\w-]+)")


def on_post_build(config: MkDocsConfig) -> None:
    """When all pages of a language are written."""
    site = Path(config.site_dir)
    sheets = [*site.glob(SHEETS)]
    files = (file for end in ("html", "js", "css") for file in site.rglob(f"*.{end}"))
    others = (file for file in files if UNUSED not in file.parts and file not in sheets)
    words = {word for file in others for word in WORD.findall(file.read_text(encoding="utf-8"))}
    for sheet in sheets:
        css = used(sheet.read_text(encoding="utf-8"), words)
        sheet.write_text(asked_for(css, words), encoding="utf-8")
    for ours in (*site.glob("assets/*.css"), *site.glob("assets/sidebyside/*.css")):
        ours.write_text(bare(ours.read_text(encoding="utf-8")), encoding="utf-8")


def bare(css: str) -> str:
    """A stylesheet without comments, indentation and empty lines."""
    shortened = SPARED.sub(lambda found: found["kept"] or "\n" * ("\n" in found[0]), css)
    return shortened.lstrip()


def asked_for(css: str, words: Set[str]) -> str:
    """A stylesheet without the variables that neither it nor anything else asks for."""
    wanted = words | {*REFERENCE.findall(css)}
    return VARIABLE.sub(lambda found: found[0] if found["name"] in wanted else "", css)


def used(css: str, words: Set[str]) -> str:
    """The rules of a stylesheet that may apply to a page with these words."""
    kept = []
    for head, body in rules(css):
        if body is None:
            kept.append(head)
        elif head.lstrip().startswith(("@media", "@supports")):
            if inner := used(body, words):
                kept.append(f"{head}{{{inner}}}")
        elif head.lstrip().startswith("@"):
            kept.append(f"{head}{{{body}}}")
        elif selectors := [each for each in selectors_of(head) if applies(each, words)]:
            kept.append(f"{','.join(selectors)}{{{body}}}")
    return "".join(kept)


def rules(css: str) -> Iterator[tuple[str, str | None]]:
    """What stands before the braces of each rule, and between them; a statement has none."""
    start, opened, depth = 0, 0, 0
    for found in MARK.finditer(css):
        mark, at = found["mark"], found.start()
        if mark == "{":
            opened = at if depth == 0 else opened
            depth += 1
        elif mark == "}":
            depth -= 1
            if depth == 0:
                yield css[start:opened], css[opened + 1 : at]
                start = at + 1
        elif mark == ";" and depth == 0:
            yield css[start : at + 1], None
            start = at + 1
    if css[start:].strip():
        yield css[start:], None


def selectors_of(head: str) -> list[str]:
    """The selectors of a rule: they end at commas that are in no brackets."""
    parts, depth = [""], 0
    for sign in head:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def applies(selector: str, words: Set[str]) -> bool:
    """Whether all classes that a selector asks for are there, as far as one can tell."""
    while (bare := ALTERNATIVES.sub("", selector)) != selector:
        selector = bare
    return all("\\" in name or name in words for name in CLASS.findall(selector))
