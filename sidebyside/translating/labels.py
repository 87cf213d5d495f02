"""
# Collecting labels

Labels are short texts that programs write: the renderer, and the hooks, templates and scripts of a
project. They are found by the calls that say them, `say("view source")`, since not every label is
said in every build.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from sidebyside.reasons import FRAMES
from sidebyside.translating.messages import Message

_SAID = re.compile(r"\bsay\(\s*(\"(?:[^\"\\]|\\.)*\")")
PACKAGE = Path(__file__).parents[1]
SCRIPT = "label in a script"  # these are sent to the browser


def own_files() -> Iterator[Path]:
    """Where the labels of the renderer are."""
    for folder in ("rendering", "translating"):
        yield from sorted((PACKAGE / folder).glob("*.py"))
    yield from sorted((PACKAGE / "assets").glob("*.js"))


def own_labels() -> Iterator[Message]:
    """Yield the labels of the renderer, and the clauses of verdicts."""
    yield from read_labels(own_files())
    yield from (Message(text, f"verdict: {key}") for key, text in FRAMES.items())


def read_labels(files: Iterable[Path]) -> Iterator[Message]:
    """Yield the labels in some programs, templates and scripts."""
    for file in files:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".py":
            said, kind = _in_python(text), "label"
        else:
            said = (json.loads(match[1]) for match in _SAID.finditer(text))
            kind = SCRIPT if file.suffix == ".js" else "label"
        yield from (Message(each, kind, place=file.name) for each in said)


def _in_python(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(
                func=ast.Name(id="say" | "label") | ast.Attribute(attr="say" | "_say"),
                args=[ast.Constant(value=str() as said), *_],
            ):
                yield said
