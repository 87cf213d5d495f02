"""
# The gate: what is wrong with a translation

Each rule looks at one message and its translation. What it finds stops the build; the site that was
there stays. Rules of `OPINIONS` may be wrong about a good translation. A translator overrules one
with a comment above the message, `# ok: glossary`, and gives the reason behind it.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polib

from sidebyside.translating import scripts
from sidebyside.translating.catalogs import Catalog
from sidebyside.translating.messages import FORMULA, lost_and_added, says_something
from sidebyside.translating.standards import Pair, Standards

Rule = Callable[[Pair], Iterator[str]]


@dataclass(frozen=True)
class Fault:
    """A fault of a translation: where it stands, which rule it breaks, and both texts."""

    place: str
    rule: str
    reason: str
    text: str
    translation: str

    def __str__(self) -> str:
        return (
            f"{self.place}: {self.rule}: {self.reason}\n"
            f"    English: {self.text}\n    here:    {self.translation}"
        )


def faults(catalog: Catalog, standards: Standards) -> Iterator[Fault]:
    """Yield what is wrong with the translations that are shown."""
    for entry in catalog.entries:
        if entry.msgstr and not entry.obsolete and not entry.fuzzy:
            place = f"{catalog.path}:{entry.linenum}"
            for rule, reason in _broken(entry, standards):
                yield Fault(place, rule, reason, entry.msgid, entry.msgstr)


def _broken(entry: polib.POEntry, standards: Standards) -> Iterator[tuple[str, str]]:
    pair = Pair(entry.msgid, entry.msgstr, standards)
    overruled = set(re.findall(r"^ok:\s*([a-z]+)", entry.tcomment, re.MULTILINE))
    if unknown := overruled - OPINIONS.keys():
        yield "ok", f"there is no rule {min(unknown)!r} that could be overruled"
    for name, rule in {**FACTS, **OPINIONS}.items():
        if name in FACTS or name not in overruled:
            yield from ((name, reason) for reason in rule(pair))


def locked(pair: Pair) -> Iterator[str]:
    """Formulas, code, the targets of links and such are those of the English text."""
    lost, added = lost_and_added(pair.text, pair.translation)
    for part in dict.fromkeys(lost):
        yield f"{part} is missing{_times(lost.count(part))}"
    for part in dict.fromkeys(added):
        yield f"{part} is not in the English text{_times(added.count(part))}"


def _times(number: int) -> str:
    return f", {number} times" if number > 1 else ""


_INVISIBLE = {"\u200b", "\u2060", "\ufeff", "\u00ad", "\ufffd"} | {
    chr(code) for code in (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


# French needs the first, Persian the second.
_INVISIBLE_HERE = {language: {"\u00a0", "\u200c", "\u3000"} for language in scripts.OWN}


def characters(pair: Pair) -> Iterator[str]:
    """Characters are composed (NFC), and none is invisible or of half or full width by accident."""
    invisible = _INVISIBLE | _INVISIBLE_HERE.get(pair.language, set())
    if unicodedata.normalize("NFC", pair.translation) != pair.translation:
        yield "characters are not in their composed form (NFC)"
    for char in sorted({*pair.translation} - {*pair.text}):
        if char in invisible or char < " ":
            yield f"the invisible character U+{ord(char):04X} stands in it"
        elif re.match("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff61-\uff9f]", char):
            yield f"{char} is of the wrong width: write {unicodedata.normalize('NFKC', char)}"
    if pair.translation != pair.translation.strip():
        yield "it begins or ends with a space"


def names(pair: Pair) -> Iterator[str]:
    """The names of the English text, and no others, spelled as they are."""
    standards = pair.standards
    ours, theirs = standards.varied(pair.words), standards.varied(pair.said)
    for name in sorted({*standards.name.findall(pair.words)} - theirs):
        yield f"the name {name} is missing, or spelled in another way"
    for name in sorted(theirs - ours):
        yield f"the name {name} is not in the English text"
    for word in dict.fromkeys(re.findall(r"[A-Za-z][A-Za-z_-]{2,}", pair.said)):
        if word in pair.words or standards.varied(word):
            continue
        for name in ours:
            alike = difflib.SequenceMatcher(None, word.lower(), name.lower()).ratio()
            if alike > 0.8:
                yield f"{word} looks like the name {name}"


_INTERVAL = re.compile(r"[\[(][^\[\]()]{1,20}, ?[^\[\]()]{1,20}[\])]")  # [0, 1) is one
_LOW_QUOTED = re.compile("„[^„“”]*[“”]")  # as German and Polish do
_PAIRS = [*zip("(（[「『“《【", ")）]」』”》】", strict=True)]


def balance(pair: Pair) -> Iterator[str]:
    """What is opened is closed: brackets, quotation marks, emphasis."""
    said = _LOW_QUOTED.sub("", _INTERVAL.sub("", pair.said))
    for opening, closing in _PAIRS:
        if said.count(opening) != said.count(closing):
            yield f"{opening} and {closing} do not come in pairs"
    if "„" in said:
        yield "„ is never closed"
    for mark in (r"\*\*", r"(?<!\*)\*(?!\*)"):
        if len(re.findall(mark, pair.said)) % 2:
            yield "an emphasis with * is never closed"
    if pair.said.count("**") > pair.words.count("**") + 2:
        yield "there is more **bold** than in the English text"


_NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?:e-?\d+)?")


def numbers(pair: Pair) -> Iterator[str]:
    """The numbers of the English text are there. Number words may become figures."""
    said = pair.said
    if pair.language not in scripts.OWN:  # 0,5 is 0.5, and 2.000 may be 2,000
        said += " " + said.translate(str.maketrans(",.", ".,"))
    found = [Counter(_NUMBER.findall(text)) for text in (pair.words, said)]
    for number in found[0] - found[1]:
        yield f"the number {number} is missing"


def english(pair: Pair) -> Iterator[str]:
    """No English is left: neither the whole text, nor three of its words in a row."""
    if pair.text == pair.translation and says_something(pair.text, pair.standards.names):
        yield "it is the English text"
        return
    for run in re.findall(r"[A-Za-z][\w'’-]*(?:[ ,]+[A-Za-z][\w'’-]*){2,}", pair.said_prose):
        words = re.split(r"[ ,]+", run)
        # Where the language has Latin letters itself, English is what the English text has.
        threes = (" ".join(words[i : i + 3]) for i in range(len(words) - 2))
        copied = pair.language in scripts.OWN or any(three in pair.prose for three in threes)
        if copied and sum(map(str.islower, words)) > 1:
            yield f"“{run}” is English"


def refused(pair: Pair) -> Iterator[str]:
    """Words that mean something else, where the English text has a term of the field."""
    for term in pair.standards.terms:
        if term.pattern.search(pair.prose):
            for word in term.refused:
                if word in pair.said:
                    yield f"{word} is the wrong word for “{term.english}”"


def glossary(pair: Pair) -> Iterator[str]:
    """Terms of the field are said as the glossary says them."""
    said = pair.said.lower()
    for term in pair.standards.terms:
        accepted = [word.lower() for word in term.accepted]
        if accepted and term.pattern.search(pair.prose) and not any(w in said for w in accepted):
            yield f"“{term.english}” is {' or '.join(term.accepted)} in the glossary"


def order(pair: Pair) -> Iterator[str]:
    """Formulas come in another order: is each still in its place?"""
    ours, theirs = FORMULA.findall(pair.text), FORMULA.findall(pair.translation)
    if ours != theirs and sorted(ours) == sorted(theirs):
        yield f"formulas come in another order, {', '.join(theirs)}: is each where it belongs?"


_LENGTHS = {"si": (0.45, 1.9), "zh": (0.12, 0.8), "ja": (0.2, 1.1)}


def length(pair: Pair) -> Iterator[str]:
    """A translation is about as long as others into its language."""
    ours, theirs = len(pair.prose), len(pair.said_prose)
    low, high = _LENGTHS.get(pair.language, (0.2, 3.0))
    if ours > 60 and not low <= theirs / ours <= high:
        yield f"{theirs} characters for {ours} of English: is something missing, or added?"


_END = re.compile(r"[.!?:](?=[\s\ufffc)*”\"]|$)|[。！？：](?!$)|[。！？：]$")


def sentences(pair: Pair) -> Iterator[str]:
    """It has about as many sentences as the English text."""
    ours, theirs = (len(_END.findall(text)) for text in (pair.words, pair.said))
    if abs(ours - theirs) > max(1, ours // 3):
        yield f"{theirs} sentences for {ours} of English: is something missing?"


# What is wrong beyond doubt, and what a translator may know better.
FACTS: dict[str, Rule] = {
    "locked": locked,
    "characters": characters,
    "names": names,
    "balance": balance,
    "joiners": scripts.joiners,
    "signs": scripts.signs,
}
OPINIONS: dict[str, Rule] = {
    "numbers": numbers,
    "english": english,
    "refused": refused,
    "glossary": glossary,
    "script": scripts.script,
    "spaces": scripts.spaces,
    "glued": scripts.glued,
    "punctuation": scripts.punctuation,
    "ending": scripts.ending,
    "forms": scripts.forms,
    "order": order,
    "length": length,
    "sentences": sentences,
}
