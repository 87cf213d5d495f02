"""
# Relations inside sentences

"For $β₂ = 0.999$ it is as good as an average of $ρ_∞ = 1999$ gradients" has two relations. The
first is a *supposition*, which its author is free to make. The second is a *statement*: it is true
or false. They are told apart by two rules:

* A relation after a word of condition is a supposition: "when", "if", "for", "at which" and the
  like, and what is joined to it by "and" or "or".
* So is a relation of one symbol with numbers, if no formula of the page says what that symbol is:
  in "$β₁ = 0$ is of no use", somebody may choose $β₁$.

All else is a statement.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise

from sidebyside.formula import identity
from sidebyside.formula.tree import Relation, Symbol, walk
from sidebyside.source.formula_lines import FormulaLine
from sidebyside.source.prose import Text


@dataclass(frozen=True)
class Inline:
    """A formula in a sentence, with the words before and behind it, up to the next formula."""

    formula: FormulaLine
    before: str
    after: str


Sentence = tuple[Inline, ...]

# A sentence ends with its mark, its paragraph, or its list item.
_END = re.compile(r"(?<!e\.g)(?<!i\.e)[.!?](?=[\s)\]*_\"”]|$)|\n[ \t]*\n|\n(?=[ \t]*[*+-][ \t])")
_CONDITION = re.compile(
    r"(?:^|[\s(,;:—–])(?:when|whenever|if|unless|until|while|once|for|on|let|suppose|assume|assuming"
    r"|supposing|provided|(?:at|from|in|for|after|until) which|as (?:soon|long) as)(?: that)?\s*$",
    re.IGNORECASE,
)
EXCEPT = re.compile(
    r"~~|<(?:s|del|strike|!--)|[✗✘❌]"  # struck through, or hidden
    r"|\b(?:unless|except|save (?:for|when|where)|but for|instead of|rather than|far from"
    r"|contrary to|unlike|wrong|wrongly|false|falsely|untrue|incorrect|mistake|mistaken|myth"
    r"|(?:not|never|cannot|no longer|n['’]t) (?:be )?"
    r"(?:the case|true|so|right|correct|hold|mean|claim|say|believe))\b",
    re.IGNORECASE,
)
NOT = re.compile(
    r"\b(?:not|never|neither|nor|cannot|none|nobody|nothing|nowhere|hardly|seldom|rarely|without"
    r"|no longer|would|(?:in|at|by|under|on|for) no)\b|n['’]t\b",
    re.IGNORECASE,
)
# A condition in code. Before it stands nothing, a comma, or one of a few words; behind it, its
# sentence ends, or goes on with a comma or another condition.
WHEN = re.compile(r"\b[Ww]hen `([^`]+)`")
_OPENS = re.compile(
    r"(?:^|[,;:(—–])\s*(?:(?:and |so |then |thus |only |that is |i\.e\. )*)$"
    r"|\b[Ww]hen …(?: is an? \w+)?,? and $"
    r"|\b(?:is|are|runs?|holds?|computes?|computed|returns?|returned|used|taken) $",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"$|[,;:.)—–]| is a number\b|,? and (?:when )?…")
# What is said before or behind it, so that a formula holds elsewhere, too, or not always there.
_ELSEWHERE = re.compile(
    r"\bbut (?:the|that|those|this) (?:ones?|cases?)\b|\b(?:other than|apart from|aside from"
    r"|excluding|excepting|regardless|whether|no matter|whatever|or (?:if|not|when|off))\b"
    r"|\b(?:each|every\w*|any\w*|always|ever|either|throughout|generally|in general"
    r"|all(?! of it\b)|(?:at|for|in|on|under|with) both|both(?!,))\b"
    r"|\b(?:particular\w*|especially|notably|for (?:example|instance)|e\.g|say|such as|among"
    r"|including|included|also|even|too(?!\s+\w)|as well(?! as)|likewise|equally|the same(?=,|:|$)"
    r"|still|otherwise|else\w*)\b"
    r"|\b(?:only if|mostly|mainly|most (?:of|cases|steps|times)|usually|normally|typically|commonly"
    r"|sometimes|often|seldom|occasionally|nearly|almost|partly|at (?:least|times)|now and then)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\s*(?:,? ?n?or|(?:\w+ ){0,2}(?:not|never|false|untrue|wrong|off|unset|no longer)"
    r"|\w+n['’]t|fails?)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[;:—–]|,\s+(?:and|but|so|yet|which|while|where|since|because)\b|\n[ \t]*\n")
_JOINED = re.compile(r"\s*,?\s*(?:and|or)(?: also)?\s*")


def sentences(text: Text) -> Iterator[Sentence]:
    """Yield the sentences of some prose that have formulas in them."""
    sentence: list[Inline] = []
    formula: FormulaLine | None = None
    before = ""
    for part in text.parts:
        if isinstance(part, FormulaLine):
            formula = part
            continue
        pieces = cut(part)
        if formula is not None:
            sentence.append(Inline(formula, before, pieces[0]))
        if len(pieces) > 1 and sentence:
            yield tuple(sentence)
            sentence = []
        before, formula = pieces[-1], None
    if sentence:
        yield tuple(sentence)


def cut(words: str) -> list[str]:
    """Return words, cut where sentences end."""
    cuts = [0, *(match.end() for match in _END.finditer(words)), len(words)]
    return [words[a:b] for a, b in pairwise(cuts)]


def turned(sentence: Sentence, text: str) -> str:
    """
    Return the word that may turn around what a sentence says with some formula; empty if none does.

    A word of exception speaks of all the sentence, one of negation of its own clause.
    """
    words = [*(each.before for each in sentence), sentence[-1].after]
    whole = " $ ".join(words)
    if found := EXCEPT.search(whole):
        return found[0]
    for place, each in enumerate(sentence):
        if each.formula.text == text:
            before = _CLAUSE.split(" $ ".join(words[: place + 1]))[-1]
            after = _CLAUSE.split(" $ ".join(words[place + 1 :]))[0]
            if found := NOT.search(before) or NOT.search(after):
                return found[0]
    return ""


def turned_condition(paragraph: str) -> str:
    """Return the words that may turn around a "when `…`" of a paragraph; empty if none do."""
    for piece in cut(paragraph):
        for when in WHEN.finditer(piece):
            before, after = (
                re.sub("`[^`]*`", "…", each)
                for each in (piece[: when.start()], piece[when.end() :])
            )
            around = f"{before}$ {after}"
            found = (
                EXCEPT.search(around)
                or NOT.search(_CLAUSE.split(before)[-1])
                or _DENIED.match(after)
                or _ELSEWHERE.search(around)
            )
            if found:
                return found[0].strip()
            if not _OPENS.search(before):
                return before.split()[-1]
            if not _GOES_ON.match(after):
                return after.split()[0]
    return ""


def suppositions(sentence: Sentence, computed: Collection[str]) -> list[Relation]:
    """Return what a sentence supposes; `computed` are the symbols that formulas say what is."""
    return [relation for relation, *supposed in _sorted(sentence, computed) if any(supposed)]


def statements(sentence: Sentence, computed: Collection[str]) -> list[Relation]:
    """Return what a sentence states."""
    return [relation for relation, *supposed in _sorted(sentence, computed) if not any(supposed)]


def conditions(sentence: Sentence, text: str) -> list[Relation]:
    """Return what is supposed by a word of condition in the clause of a formula with this text."""
    place = next(n for n, each in enumerate(sentence) if each.formula.text == text)
    ends = [n for n, each in enumerate(sentence) if n == 0 or _CLAUSE.search(each.before)]
    first = max(n for n in ends if n <= place)
    last = min([n for n in ends if n > place], default=len(sentence))
    clause = sentence[first:last]
    return [relation for relation, conditional, _ in _sorted(clause, ()) if conditional]


def _sorted(sentence: Sentence, computed: Collection[str]) -> Iterator[tuple[Relation, bool, bool]]:
    """The relations of a sentence: after a word of condition? or by themselves suppositions?"""
    conditional = False
    for inline in sentence:
        relation = inline.formula.formula
        joined = conditional and _JOINED.fullmatch(inline.before) is not None
        conditional = joined or _CONDITION.search(inline.before) is not None
        if isinstance(relation, Relation):
            declared = _is_declared(inline) or is_free(relation, computed)
            yield relation, conditional, declared


def _is_declared(inline: Inline) -> bool:
    """Whether a notation list introduces a symbol with its domain: `* $ρ > 4$ is …`."""
    starts_item = re.fullmatch(r"\s*[*+-]\s+", inline.before) is not None
    return starts_item and re.match(r"\s+is\b", inline.after) is not None


def is_free(relation: Relation, computed: Collection[str]) -> bool:
    """Return whether it relates one symbol, which nothing computes, with numbers."""
    parts = relation.sides
    alone = [part for part in dict.fromkeys(parts) if isinstance(part, Symbol)]
    others = [part for part in parts if part is not None and not isinstance(part, Symbol)]
    has_symbols = any(isinstance(node, Symbol) for part in others for node in walk(part))
    if len(alone) != 1 or has_symbols:
        return False
    # What is said of `vₜ` is said of `v₀`, too.
    return not {identity(alone[0]), identity(alone[0], running=True)} & set(computed)
