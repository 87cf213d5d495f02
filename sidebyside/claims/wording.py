r"""
# Numbers and relations in words

"`$w$` is at most 0.5" states what `$w ≤ 0.5$` states. Where a sentence says it in one of a few
phrases that cannot mean anything else, the phrase is read as a relation:

* `$x$` **is** a number, to the digits given; **positive**, **negative**, **never zero**;
* **is between** two numbers; **at most**, **at least**, **less than**, **never more than** one;
* **is twice**, **half**, **ten times** another formula, or a number **times** it; so is `$x$`,
  **with the usual** `$β = 0.9$`, **ten times** `$ε$`;
* `$2 / (1 − β)$` steps, **2000 of them**; **that is ten times** `$x$`, after a formula;
* `$ρₜ > 5$`, **the sixth**: then and at no step before;
* **it begins at** a number, and **is** a number **after ten steps**: what the row above computes.

A phrase behind a word of condition states nothing, nor does one of "the best `$θ$`". All other
words are left to their author.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from sidebyside.claims.claims import Claim
from sidebyside.claims.sentences import Sentence
from sidebyside.formula.tree import (
    Divide,
    Expression,
    Formula,
    Negative,
    Number,
    Product,
    Relation,
    assignment,
)


@dataclass(frozen=True)
class Phrase:
    """
    What a sentence says of a formula in words, as a claim.

    With `first`, the relation becomes true at that step; with `at`, it speaks of that step, or, if
    that is 0, of the first one that has a value. `noun` is the word before the formula, if what the
    words say may be about that. A `rounded` relation says what a number is, to its digits. If it is
    `listed`, the words say in which numbers lies what a list of symbols explains.
    """

    claim: Claim
    words: str
    first: int = 0
    at: int | None = None
    noun: str = ""
    rounded: bool = False
    listed: bool = False


Read: TypeAlias = "tuple[Relation, int]"

_FORMULA = "¤"  # stands for the next formula of the sentence
_WORDS = {
    **{"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6"},
    **{"seven": "7", "eight": "8", "nine": "9", "ten": "10", "twelve": "12", "twenty": "20"},
    **{"a hundred": "100", "a thousand": "1000", "a million": "1000000"},
}
_SHARES = {"half": 2, "a third of": 3, "a quarter of": 4, "a tenth of": 10, "a hundredth of": 100}
_STEPS = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"),
    *("tenth", "eleventh", "twelfth"),
)
_SIGNS = {
    "≤": "at most|no (?:more|larger|longer) than|never (?:more|larger|longer|greater) than",
    "≥": "at least|no (?:less|smaller) than|never (?:less|smaller|shorter) than",
    "<": "less than|smaller than|below|under",
    ">": "more than|larger than|greater than|above",
}
_TO_ZERO = {"positive": ">", "negative": "<", "never negative": "≥", "never zero": "≠"}

_N = rf"(?:[−-]?\d+(?:,\d{{3}})*(?:\.\d+)?(?:e[−-]?\d+)?|{'|'.join(_WORDS)})"
_X = rf"(?:{_N}|{_FORMULA})"
_IS = r"\s*(?:,? which)?\s*(?:is|are|was|stays|remains|lies)(?: always| then| again)?\s+"
# A notation list says what a symbol is, in code and in words, and then in which numbers it lies.
_LISTED = rf"\s*is `[^`]+`,\s+(?:[^.;:`{_FORMULA}]*?,\s+)?"
_GIVEN = rf", (?:with|for|at) (?:the )?(?:usual |default )?{_FORMULA},? "
_END = r"(?=\s*(?:[,;:.)]|$)|\s+(?:for|when|if|at|in|after|and|or|but)\b)"
_UNLESS = re.compile(
    r"\b(?:if|when|whenever|where|wherever|unless|until|while|once|suppos\w+|let|assum\w+"
    r"|provided|as (?:long|soon) as|say)\b[^,;:]*$",
    re.IGNORECASE,
)


# A formula behind one of these words is the whole subject of what follows.
_OPENING = re.compile(
    r"(?:^|[,.;:(—–]|\b(?:also|and|as|because|but|hence|here|since|so|that|then|thus))$",
    re.IGNORECASE,
)


def phrases(claim: Claim, above: Claim | None = None) -> Iterator[Phrase]:
    """Yield what a sentence says in words, of a formula in it or of the one `above`."""
    for place, inline in enumerate(claim.sentence):
        here = inline.formula
        if (here.line, here.text) != (claim.line, claim.text) or here.formula is None:
            continue
        rest = claim.sentence[place + 1 :]
        words = re.sub(r"\s+", " ", _FORMULA.join([inline.after, *(i.after for i in rest)]))
        before = re.sub(r"\s+", " ", inline.before).strip()
        yield from _of(claim, here.formula, words, before, rest)
        if above is not None and place == 0:
            yield from _of_above(claim, above, before, words)


def _of(
    claim: Claim, subject: Formula, words: str, before: str, rest: Sentence
) -> Iterator[Phrase]:
    """What the words behind a formula say of it."""
    is_verb = re.match(_IS, words) is not None
    if is_verb and _UNLESS.search(before):
        return
    noun = (
        "" if not is_verb or before == "*" or _OPENING.search(before) else before.rpartition(" ")[2]
    )
    for pattern, read in _FORMS:
        match = re.match(pattern, words)
        found = match and read(subject, match, rest)
        if match and found:
            relation, first = found
            rounded = read in (_as_number, _as_times)
            said, listed = _said(match), re.match(_LISTED, words) is not None
            stated = _stating(claim, relation)
            yield Phrase(stated, said, first, noun=noun, rounded=rounded, listed=listed)
            return


def _of_above(claim: Claim, above: Claim, before: str, words: str) -> Iterator[Phrase]:
    """What words say of the formula above them."""
    formula = above.formula
    times = re.search(rf"\bthat is (?P<n>{_N}) times$", before)
    if times and isinstance(formula, Relation) and isinstance(claim.formula, Expression):
        relation = _equal(formula.rest[-1][1], times["n"], claim.formula)
        yield Phrase(_stating(claim, relation), _said(times), rounded=True)
    begins = re.match(rf"\s*it begins at (?P<n>{_N}){_END}", words)
    found = assignment(formula) if above.block else None
    if begins and found:
        yield Phrase(_stating(above, _equal(found[0], begins["n"]), claim), _said(begins), at=0)
        later = re.search(rf"\bis (?P<n>{_N}) after (?P<t>{_N}) steps\b", words)
        if later:
            t = int(float(_plain(later["t"])))
            relation = _equal(found[0], later["n"])
            yield Phrase(_stating(above, relation, claim), _said(later), at=t)


def _stating(claim: Claim, relation: Relation, where: Claim | None = None) -> Claim:
    """A claim about what a claim is about, in the sentence of another one."""
    found = replace(claim, formula=relation, kind="statement")
    if where is None:
        return found
    return replace(found, line=where.line, text=where.text, sentence=where.sentence)


def _said(match: re.Match[str]) -> str:
    return match[0].replace(_FORMULA, "…").strip(" ,")


def _plain(text: str) -> str:
    return _WORDS.get(text, text).replace(",", "").replace("−", "-")


def _number(text: str) -> Expression:
    plain = _plain(text)
    number = Number(plain.removeprefix("-"))
    return Negative(number) if plain.startswith("-") else number


def _operand(text: str, rest: Sentence) -> Expression | None:
    """A number, or the next formula of the sentence."""
    if text != _FORMULA:
        return _number(text)
    found = rest[0].formula.formula if rest else None
    return found if isinstance(found, Expression) else None


def _equal(left: Expression, text: str, times: Expression | None = None) -> Relation:
    """A relation that says what a number is, to the digits that it is given with."""
    rest = None if times is None else _without(left, times)
    if rest is not None:
        left, times = rest, None
    plain = _plain(text)
    value = float(plain)
    mantissa, _, exponent = plain.partition("e")
    digits = len(mantissa.partition(".")[2]) - int(exponent or 0)
    # Below ten, nobody rounds to a whole number.
    half = 0.0 if digits <= 0 and abs(value) < 10 else 0.5 * 10.0**-digits
    ends = [_times(value + side * half * (1 + 1e-9), times) for side in (-1, 1)]
    return Relation(ends[0], (("≤", left), ("≤", ends[1]))) if half else _is(left, ends[0])


def _without(tree: Expression, factor: Expression) -> Expression | None:
    """A product or fraction without one of its factors; None if that is none of them."""
    match tree:
        case Product(factors) if factor in factors:
            place = factors.index(factor)
            rest = (*factors[:place], *factors[place + 1 :])
            return rest[0] if len(rest) == 1 else Product(rest)
        case Divide(above, below):
            without = Number("1") if above == factor else _without(above, factor)
            return None if without is None else Divide(without, below)
    return None


def _is(left: Expression, right: Expression) -> Relation:
    return Relation(left, (("=", right),))


def _times(value: float, times: Expression | None) -> Expression:
    number: Expression = Number(repr(abs(value)))
    number = Negative(number) if value < 0 else number
    return Product((number, times)) if times is not None else number


def _as_number(subject: object, match: re.Match[str], rest: Sentence) -> Read | None:
    return (_equal(subject, match["n"]), 0) if isinstance(subject, Expression) else None


def _as_sign(subject: object, match: re.Match[str], rest: Sentence) -> Read | None:
    if not isinstance(subject, Expression):
        return None
    return Relation(subject, ((_TO_ZERO[match["sign"]], Number("0")),)), 0


def _as_bound(subject: object, match: re.Match[str], rest: Sentence) -> Read | None:
    sign = next(s for s, words in _SIGNS.items() if re.fullmatch(words, match["than"]))
    bound = _operand(match["x"], rest)
    if not isinstance(subject, Expression) or bound is None:
        return None
    return Relation(subject, ((sign, bound),)), 0


def _as_between(subject: object, match: re.Match[str], rest: Sentence) -> Read | None:
    low = _operand(match["a"], rest)
    high = _operand(match["b"], rest[1:] if match["a"] == _FORMULA else rest)
    if not isinstance(subject, Expression) or low is None or high is None:
        return None
    return Relation(low, (("≤", subject), ("≤", high))), 0


def _as_times(subject: object, match: re.Match[str], rest: Sentence) -> Read | None:
    other = _operand(_FORMULA, rest[1:] if match["given"] else rest)
    if not isinstance(subject, Expression) or other is None:
        return None
    if match["share"]:
        return _is(subject, Divide(other, Number(str(_SHARES[match["share"]])))), 0
    return _equal(subject, "2" if match["twice"] else match["n"], other), 0


def _as_step(subject: object, match: re.Match[str], rest: Sentence) -> Read | None:
    is_relation = isinstance(subject, Relation) and len(subject.rest) == 1
    return (subject, 1 + _STEPS.index(match["step"])) if is_relation else None  # type: ignore[return-value]  # it is one


_FORMS: tuple[tuple[str, Callable[[object, re.Match[str], Sentence], Read | None]], ...] = (
    (rf"(?:{_IS}|{_LISTED})between (?P<a>{_X}) and (?P<b>{_X}){_END}", _as_between),
    (rf"(?:{_IS}|{_LISTED})(?P<than>{'|'.join(_SIGNS.values())}) (?P<x>{_X}){_END}", _as_bound),
    (rf"(?:{_IS}|{_LISTED})(?P<sign>{'|'.join(_TO_ZERO)}){_END}", _as_sign),
    (
        rf"(?:{_IS}|, |(?P<given>{_GIVEN}))"
        rf"(?:(?P<twice>twice)|(?P<share>{'|'.join(_SHARES)})|(?P<n>{_N}) times)"
        rf"(?: as (?:large|long|much) as)? {_FORMULA}",
        _as_times,
    ),
    (rf"{_IS}(?P<n>{_N}){_END}", _as_number),
    (rf"[^,;:{_FORMULA}]*, (?P<n>{_N}) of them\b", _as_number),
    (rf",? the (?P<step>{'|'.join(_STEPS)})\b(?: step)?{_END}", _as_step),
)
