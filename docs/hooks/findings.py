"""Fill "What the checker found elsewhere" with what the checker recorded.

A line `<!-- findings: totals -->` or `<!-- findings: unchecked -->` becomes a table. A line with a
source and line numbers, `<!-- findings: adam.py 31 34 -->`, becomes the verdicts on these formulas,
and every verdict has to be asked for: a finding that the page does not tell stops the build. What a
verdict says is one of a few sentences, with numbers in it; these are said in the language of the
edition.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

from sidebyside.mkdocs.failing import read_recorded
from sidebyside.translating.editions import Say, label, said

FACTS = Path("facts") / "labml_nn.json"
PLACE = re.compile(r"^<!-- findings: (?P<what>.+) -->$", re.MULTILINE)

FORMS = (
    label(
        "Line {line}: line {user}, which uses it, disagrees with what {name} computes ({run}, step"
        " {step}): formula {formula}, code {code}."
    ),
    label(
        "Line {line} disagrees with what {name} computes ({run}, step {step}): formula {formula},"
        " code {code}."
    ),
    label(
        "Line {line} disagrees with what {name} does ({run}, step {step}): formula {formula}, code"
        " {code}."
    ),
    label(
        "Line {line} disagrees with line {other} ({run}, step {step}): formula {formula}, code"
        " {code}."
    ),
    label(
        "Line {line} is not true of what {name} computes ({run}, step {step}): {relation} is false."
    ),
    label("Line {line} does not hold: {left} is {one} and {right} is {other} at {point}."),
)


def on_page_markdown(markdown: str, config: MkDocsConfig, **_: Any) -> str:
    if not PLACE.search(markdown):
        return markdown
    path = Path(config.docs_dir) / FACTS
    facts = read_recorded(path, "python -m tests.checking.labml_nn.record")
    asked = {place for match in PLACE.finditer(markdown) for place in places(match["what"])}
    found = {(fact["file"], fact["line"]) for fact in facts["wrong"]}
    if asked != found:
        name, line = sorted(asked ^ found)[0]
        raise PluginError(f"findings: {name}:{line} is on the page or in {path}, but not in both")
    plugin: Any = config.plugins["sidebyside"]
    return PLACE.sub(lambda match: filled(match["what"], facts, plugin.say), markdown)


def places(what: str) -> Iterator[tuple[str, int]]:
    """The formulas that a line of the page asks for."""
    name, *lines = what.split()
    yield from ((name, int(line)) for line in lines)


def filled(what: str, facts: dict[str, Any], say: Say) -> str:
    if what in TABLES:
        return TABLES[what](facts)
    wanted = set(places(what))
    if not wanted:
        raise PluginError(f"findings: no table {what!r}; there are {', '.join(TABLES)}")
    verdicts = [fact for fact in facts["wrong"] if (fact["file"], fact["line"]) in wanted]
    return said("\n".join(f"- {verdict(fact, say)}" for fact in verdicts))


def verdict(fact: dict[str, Any], say: Say) -> str:
    """What is wrong with a line, and where that shows, if it is elsewhere."""
    colon = ":" * fact["found"].startswith("line ")
    text = f"Line {fact['line']}{colon} {fact['found']}."
    for form in FORMS:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(form))
        if match := re.fullmatch(pattern, text):
            return say(form, **match.groupdict())
    raise PluginError(f"findings: no sentence says {text!r}; add it to FORMS in {__file__}")


def totals(facts: dict[str, Any]) -> str:
    """How many formulas there are, and what became of them."""
    counts = facts["totals"]
    rows = [
        ("agree with the code, or hold", counts["agree"]),
        ("do not", counts["wrong"]),
        ("were not checked", counts["not checked"]),
        ("all", counts["formulas"]),
    ]
    return "\n".join(
        ["| formulas | number |", "| --- | --: |", *(f"| {what} | {n} |" for what, n in rows)]
    )


def unchecked(facts: dict[str, Any]) -> str:
    """What was not checked, and why: formulas with one reason together."""
    rows = ["| source | lines | reason |", "| --- | --- | --- |"]
    for (name, reason), same in groupby(facts["not checked"], lambda f: (f["file"], f["found"])):
        lines = dict.fromkeys(str(fact["line"]) for fact in same)
        source = name.replace(
            "_", "_<wbr>"
        )  # a long one takes two lines where there is little room
        rows.append(f"| <code>{source}</code> | {', '.join(lines)} | {reason} |")
    return "\n".join(rows)


def words(facts: dict[str, Any]) -> str:
    """What is said in words, and is not so."""
    return "\n".join(
        f"- `{file}`, line {line}: {found}" + "." * (not found.endswith("?"))
        for file, line, found in map(itemgetter("file", "line", "found"), facts["words"])
    )


def raised(facts: dict[str, Any]) -> str:
    """What could not be run."""
    return "\n".join(f"- {text.replace(' raised', ' raises', 1)}." for text in facts["raised"])


TABLES = {"totals": totals, "unchecked": unchecked, "words": words, "raised": raised}
