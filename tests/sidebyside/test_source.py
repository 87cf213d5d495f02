"""Every line of a file is prose, or code of exactly one section."""

from __future__ import annotations

import ast
import itertools
import re
import sys
import sysconfig
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidebyside.source.sections import Module, SourceError, parse_source

GOLDEN = Path(__file__).parent / "golden"
NEWER_SYNTAX = {"type_parameters": (3, 12)}


def as_text(module: Module) -> str:
    """The sections of a module in a form that a person can check against the file."""
    shown: list[str] = []
    for section in module.sections:
        shown.append(f"== {section.kind} {section.name or '(module)'} depth {section.depth}")
        shown += [f"{line.number:4} > {line.text!r}"[:100] for line in section.prose]
        shown += [f"{line.number:4} | {line.text!r}"[:100] for line in section.code]
    return "\n".join(shown) + "\n"


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.py")), ids=lambda path: path.stem)
def test_hard_inputs_are_cut_as_a_person_would(path: Path) -> None:
    if NEWER_SYNTAX.get(path.stem, (3, 10)) > sys.version_info:
        with pytest.raises(SourceError, match=r"does not parse as Python 3\.1[01]: "):
            parse_source(path)
        return
    assert as_text(parse_source(path)) == path.with_suffix(".sections").read_text(encoding="utf-8")


def sources() -> Iterator[Path]:
    """Files by many authors: a part of the standard library and of what is installed here."""
    library = Path(sysconfig.get_path("stdlib"))
    installed = Path(sysconfig.get_path("purelib"))
    for folder in (library / "json", library / "asyncio", library / "email", library / "unittest"):
        yield from folder.glob("*.py")
    for name in ("argparse", "ast", "dataclasses", "decimal", "enum", "tokenize", "typing"):
        yield library / f"{name}.py"
    for package in ("mkdocs", "markdown", "pymdownx", "labml_nn/optimizers", "lark", "jinja2"):
        yield from (installed / package).rglob("*.py")


SOURCES = sorted({path for path in sources() if path.is_file()})


@pytest.mark.parametrize("share", range(4))
def test_every_code_line_appears_exactly_once_in_order_with_its_number(share: int) -> None:
    paths = SOURCES[share::4]
    assert len(paths) > 50
    for path in paths:
        module = parse_source(path)
        with tokenize.open(path) as file:  # Python's own idea of the text and its lines
            text = file.read()
        expected = dict(enumerate(text.removesuffix("\n").split("\n"), 1)) if text else {}
        assert {line.number: line.text for line in module.lines} == expected

        code = [line for section in module.sections for line in section.code]
        assert all(line.text == expected[line.number] for line in code), path
        numbers = [line.number for line in code]
        assert numbers == sorted(set(numbers)), path
        assert_rest_is_prose(module, expected, set(numbers))
        assert significant_tokens(module, set(numbers)) == significant_tokens(module, None), path


def assert_rest_is_prose(module: Module, texts: dict[int, str], code: set[int]) -> None:
    """What is not code is a comment or a docstring, and its words are in the prose."""
    prose: dict[int, str] = {}
    for section in module.sections:
        for line in section.prose:
            prose[line.number] = prose.get(line.number, "") + line.text
    docstrings = docstring_rows(module.tree)
    for number in texts.keys() - code:
        assert texts[number].strip().startswith("#") or number in docstrings
        wanted, shown = (
            re.sub(r"[\W_]", "", text) for text in (texts[number], prose.get(number, ""))
        )
        assert re.fullmatch(f"[rRuU]?{shown}", wanted), f"{module.path}:{number} is lost"
    assert not code & prose.keys(), "shown as prose and as code"


def docstring_rows(tree: ast.Module) -> set[int]:
    """All lines on which a docstring stands, or a string by itself, as text between cells."""
    rows: set[int] = set()
    for before, node in itertools.pairwise(tree.body):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            many = (node.end_lineno or 0) > node.lineno > (before.end_lineno or 0) + 1
            rows.update(range(node.lineno, (node.end_lineno or 0) + 1) if many else ())
    for node in ast.walk(tree):
        definition = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        if isinstance(node, definition) and ast.get_docstring(node) is not None:
            first = node.body[0]
            rows.update(range(first.lineno, (first.end_lineno or 0) + 1))
    return rows


LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def significant_tokens(module: Module, rows: set[int] | None) -> list[str]:
    """
    The tokens of the program without its docstrings: of the whole file, or of these rows alone.

    Both must agree, or code was taken for prose.
    """
    texts = [line.text if rows is None or line.number in rows else "" for line in module.lines]
    readline = iter([text + "\n" for text in texts]).__next__
    hidden = docstring_rows(module.tree) - (code_rows(module) if rows is None else set())
    tokens = tokenize.generate_tokens(readline)
    return [t.string for t in tokens if t.type not in LAYOUT and t.start[0] not in hidden]


def code_rows(module: Module) -> set[int]:
    """The lines shown as code."""
    return {line.number for section in module.sections for line in section.code}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"x = 1\ny = = 2\n", r"f\.py:2: does not parse as Python 3\.\d+: invalid syntax"),
        (b"def f():\n    x\n  y\n", r"f\.py:3: does not parse .* unindent"),
        (b"x = (\n", r"f\.py:1: does not parse .* '\(' was never closed"),
        (b'x = """\n', r"f\.py:1: does not parse .* unterminated triple-quoted"),
        (b"x = 1\n\0\n", r"f\.py:2: does not parse.* null bytes"),
        (b"# coding: klingon\n", r"f\.py:1: unknown encoding: klingon; save the file as UTF-8"),
        (b"x = 1\ny = '\xff'\n", r"f\.py:2: not valid utf-8; save the file as UTF-8"),
        (b"\xef\xbb\xbf# coding: latin-1\n", r"f\.py:1: .*save the file as UTF-8"),
        (b"x = " + b"(" * 5000 + b")" * 5000, r"f\.py:1: does not parse"),
    ],
)
def test_what_cannot_be_read_is_reported_with_its_place(data: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        parse_source(Path("f.py"), data)
    assert str(caught.value) == f"{caught.value.path}:{caught.value.line}: {caught.value.reason}"


def test_reading_warns_of_nothing() -> None:
    with pytest.raises(SourceError):
        parse_source(Path("f.py"), "'\\d'\nx is 1\nassert (1, 'always')\n=")
    parse_source(Path("f.py"), "'\\d'\nx is 1\nassert (1, 'always')\n")


def test_a_very_long_chain_of_branches_is_no_problem() -> None:
    text = "if x == 0: pass\n" + "".join(f"elif x == {n}: pass\n" for n in range(1, 90))
    nested = "".join(f"{' ' * n}if x:\n" for n in range(90)) + " " * 90 + "def deep(): pass\n"
    assert [s.name for s in parse_source(Path("f.py"), text + nested).sections] == ["", "deep"]


def test_text_can_stand_in_for_the_file() -> None:
    module = parse_source(Path("missing.py"), "x = 1\n")
    assert (module.path, module.text, len(module.lines)) == ("missing.py", "x = 1\n", 1)


def test_doubled_backslashes_are_read_as_python_reads_them_also_beside_escaped_quotes() -> None:
    text = 'def f():\n    """It\\\'s \\"so\\": $\\\\beta$.\n\n    More.\n    """\n'
    section = parse_source(Path("f.py"), text).sections[1]
    assert section.prose[0].text == 'It\'s "so": $\\beta$.'
