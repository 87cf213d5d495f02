"""
The collector: which numbers a page says in its prose.

Collected are digits and words: every number of two digits or more, with a point, an exponent or a
percent sign; and "four" and above, "the sixth", "a tenth", "twice". Not collected are single
digits, "two" and "three", code in backticks, formulas on lines of their own, which the checker
runs, defaults, which it compares with the signature, and the names of papers, versions, issues and
dates.
"""

import ast
import io
import re
import tokenize
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

DIGITS = re.compile(
    r"(?<![\w.^{])(?:\d+\.\d+(?:e-?\d+)?|\d+e-?\d+|\d{1,3}(?:,\d{3})+|\d{2,})(?: ?%)?|\d ?%"
)
NAMES = re.compile(
    r"arXiv:\S+|\d{1,2}\s(?:October|November|December)(?:\s20\d\d)?|\b20[12]\d\b"
    r"|(?:[Ii]ssue|pull request|[Ss]ection|version|Algorithm|[Ll]ine|Python|Corollary)s?\s+\d[\d.]*"
    r"|IWSLT14|CIFAR-10|adabelief-pytorch \S+|since 0\.1\.0|labml_nn 0\.5\.1|torch 2\.13"
)

TEENS = (
    "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
SMALL = {word: number for number, word in enumerate(TEENS, 4)}
SMALL |= {word: 10 * number for number, word in enumerate(TENS, 2)}
LARGE = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
PARTS = {
    "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "twentieth": 20, "thirtieth": 30, "fortieth": 40, "hundredth": 100,
    "thousandth": 1000, "millionth": 1_000_000,
}  # fmt: skip
FEW = {"a": 1, "one": 1, "two": 2, "three": 3}
MANY = ("a", "two", "three")
_ANY = "|".join([*SMALL, *LARGE])
WORDS = re.compile(
    rf"\b(?:(?:{'|'.join(FEW)})[ -](?:third(?= of)|{'|'.join([*PARTS][1:])})s?"  # three quarters
    rf"|(?:(?:{'|'.join(MANY)}) )?(?:{_ANY})(?:[ -](?:one|two|three|{_ANY}))*"  # two hundred
    rf"|{'|'.join([*PARTS][2:])}"  # the sixth
    r"|twice|half as \w+ again)\b",
    re.IGNORECASE,
)


def value(text: str) -> float:
    """The number that a text says: 0.25 for "a quarter", 18000 for "eighteen thousand"."""
    plain = text.rstrip("% ").replace(",", "")
    if plain[0].isdigit():
        return float(plain)
    if plain == "twice" or plain.startswith("half as"):
        return 2.0 if plain == "twice" else 1.5
    *before, last = re.split("[ -]", plain)
    part = PARTS.get(last) or PARTS.get(last.removesuffix("s"))
    if part:
        return FEW[before[0]] / part if before else part
    total = 0.0
    for word in [*before, last]:
        total = total * LARGE[word] if word in LARGE and total else total + worth(word)
    return total


def worth(word: str) -> int:
    return {**FEW, **SMALL, **LARGE}[word]


def python_prose(text: str) -> str:
    """The docstrings and comments of a source, without what the checker compares with the code."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, documented)]
    docstrings = [ast.get_docstring(node) or "" for node in nodes]
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = [t.string.lstrip("# ") for t in tokens if t.type == tokenize.COMMENT]
    said = re.sub(r"^ {4}.*$", "", "\n".join([*docstrings, *comments]), flags=re.MULTILINE)
    return re.sub(r"\(default \S+\)", "", said)


def notebook_prose(text: str) -> str:
    """The Markdown cells of a notebook's paired text."""
    cells = re.findall(r"^# %% \[markdown\]\n((?:#.*\n)+)", text, flags=re.MULTILINE)
    lines = re.sub(r"^# ?", "", "\n".join(cells), flags=re.MULTILINE)
    return re.sub(r"\$\$.*?\$\$|\$[^$]*\$", " ", lines, flags=re.DOTALL)


def prose(path: Path) -> str:
    """What a reader is told in words."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        text = notebook_prose(text) if path.parent.name == "notebooks" else python_prose(text)
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    text = re.sub(r"^ *```.*?^ *```$|<!--.*?-->", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"\]\([^)]*\)|\{ #[\w-]+ \}", "]", text)  # where a link leads, and its target
    return " ".join(NAMES.sub(" ", re.sub(r"`[^`]*`", " ", text)).split())


def numbers(path: Path) -> set[str]:
    """The numbers in the prose of a page's source, as they are written there."""
    text = prose(path)
    return {found.replace(" %", "%") for found in DIGITS.findall(text)} | {
        found.lower() for found in WORDS.findall(text)
    }


@cache
def pages() -> tuple[str, ...]:
    """The source of each page of the site, but for that of the changes, which tells the past."""
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]
    names = re.findall(r": ([\w/-]+)\.md$", menu.partition("\ntheme:")[0], re.MULTILINE)
    files = [file for file in ROOT.glob("labml_nn_optim/**/*.py") if file.stem != "__init__"]
    # The menu need not name a source of ours.
    ours = sorted(file.relative_to(ROOT).as_posix() for file in files)
    return tuple(dict.fromkeys([*(source(each) for each in names if each != "changelog"), *ours]))


def source(page: str) -> str:
    """Where the prose of a page is written."""
    places = (
        f"docs/{page}.md",
        f"{page}.py",
        f"labml_nn_optim/{page}.py",
        f"docs/examples/{page}.py",
    )
    (found,) = (place for place in places if (ROOT / place).is_file())
    return found
