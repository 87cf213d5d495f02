"""
# What verdicts say

A verdict gives its reasons as data: a key, and fields. Here, and only here, they become sentences.
Who shows them in another language has other frames for the keys that a page shows. What is wrong
with a formula is told to its author, in English. This module needs the standard library only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Field: TypeAlias = "str | int | Sequence[str]"


@dataclass(frozen=True)
class Reason:
    """
    One thing that a verdict says: the key of a frame, and the fields that fill it.

    A field that is a list is shown with commas between its members. Lists of symbols say where
    they lie in the signs of math, `β₁ ∈ (0, 1)`, and so need no words.
    """

    key: str
    fields: Mapping[str, Field] = field(default_factory=dict)


FRAMES: Mapping[str, str] = {
    # What only gives a name.
    "used": "the formulas that use it are compared",
    # What was compared with code.
    "agrees-line": "agrees with line {line}",
    "agrees-lines": "agrees with lines {line}–{last}",
    "agrees-call": "agrees with what {name} does",
    "agrees-class": "agrees with what {name} computes",
    "holds-line": "holds after line {line}",
    "holds-lines": "holds after lines {line}–{last}",
    "holds-call": "holds after each call of {name}",
    "holds-class": "holds after each step of {name}",
    "attacked": "also for {families} families of gradients made to break it",
    "types": "with {types}",
    "runs": "in {runs} runs, {times} comparisons",
    "run": "in 1 run, {times} comparisons",
    "among": "among {symbols}",
    "error": "largest relative error {error}",
    "rounding": "apart by rounding only, by {error} at most",
    "digits": "to the last digit",
    "only": "tried with {symbols} only",
    "coarse": "to the precision of {type}, in which the code computes",
    # What algebra showed.
    "for-all": "for all {symbols}",
    "for-all-values": "for all values",
    "whatever": "and all {symbols}, on which its symbols depend",
    "by-algebra": "by algebra",
    "steps": "in the steps in which {conditions}",
    # What was tried on numbers.
    "points": "holds at {points} points",
    "points-in": "holds at {points} points, {symbols}",
    "attack": "held under attack at {points} points",
    "attack-in": "held under attack at {points} points, {symbols}",
    "integration": "agrees with integration at {points} points",
    "integration-in": "agrees with integration at {points} points, {symbols}",
    "where": "where {relations}",
    "limit": "its relative error falls like 1/{symbol}^{order} as {symbol} grows: {errors}",
    "limit-all": "its relative error vanishes as {symbol} grows: {errors}",
    # Why something was not compared.
    "unused": "it defines a symbol that no compared formula uses",
    "grammar": "the grammar does not cover it: {text}",
    "no-relation": "it states no relation",
    "no-run": "no run is about what it speaks of",
    # Why something was not proved.
    "unproved-algebra": "not proved, as SymPy does not simplify the difference to 0",
    "unproved-alias": "not proved, as two names may stand for one array: `{code}`",
    "unproved-code": "not proved, as the code uses `{code}`, which no proof follows",
    "unproved-depends": "not proved, as it depends on `{code}`, which no list names",
    "unproved-domain": "not proved, as `{code}` was outside of its domain",
    "unproved-driver": "not proved, as what calls `{code}` computes something, too",
    "unproved-history": "not proved, as it speaks of one step, and a proof is about any",
    "unproved-inequality": "not proved, as it is an inequality that algebra does not settle",
    "unproved-limit": "not proved, as ≈ was followed for some numbers only",
    "unproved-moment": "not proved, as a moment may be infinite, or has no exact form here",
    "unproved-number": "not proved, as `{code}` was one number in all calls",
    "unproved-pole": "not proved, as the code may divide by 0, or take a root of a negative number",
    "unproved-rests": "not proved, as line {line}, on which it rests, is not",
    "unproved-sentence": "not proved, as no step on symbols has all that it speaks of",
    "unproved-shape": "not proved, as `{code}` does not leave things as it finds them",
    "unproved-subclass": "not proved, as no configuration makes `{name}`, which extends it",
    "unproved-unreached": "not proved, as no step on symbols comes to it",
    "unproved-value": "not proved, as it has no value in a step on symbols",
    "unproved-where": "not proved, as it holds under a condition only",
    "unproved-words": "not proved, as the words around it, or its condition, could turn it around",
    # The words of an author, or for one.
    "words": "{text}",
}

_AT = "({run}, step {step})"
_POLE = (
    "in `{whole}` at {symbol} = {number}, which is in {domain}; say in the notation list what "
    "`{symbol}` may be"
)
# What a formula was held against, by where it stands.
_BESIDE = {
    "line": "line {line}",
    "lines": "lines {line}–{last}",
    "call": "what {name} does",
    "class": "what {name} computes",
}
_DISAGREES: dict[str, str] = {}
for _where, _what in _BESIDE.items():
    _after = "after" if "line" in _where else "of"
    _false = f"is not true {_after} {_what} {_AT}: {{code}} {{sign}} {{formula}} is false"
    _DISAGREES |= {
        f"disagrees-{_where}": f"disagrees with {_what} {_AT}: formula {{formula}}, code {{code}}",
        f"false-{_where}": _false,
        f"false-{_where}-for": f'{_false}, for the gradients "{{family}}"',
        f"unreached-{_where}": f"never executed: no configuration reaches {_what}; correct the "
        "condition above it, or add a configuration",
    }
_DIFFERENCE: dict[str, str] = {}
for _key, _at, _end in (("run", f" {_AT}", ""), ("at", "", " at {point}"), ("all", "", "")):
    _DIFFERENCE |= {
        f"differ-{_key}": f"does not hold{_at}: `{{left}}` is {{a}} and `{{right}}` is {{b}}{_end}",
        f"is-not-{_key}": f"does not hold{_at}: `{{left}}` is {{a}}, not {{right}}{_end}",
    }

# What is wrong with a formula, or with the runs it was tried in, and the remedy.
ERRORS: Mapping[str, str] = {
    # It cannot be true of any code.
    "no-symbol": 'no symbol "{symbol}"; add it to the notation list of {scope} or of a class it '
    "extends",
    "no-symbol-here": 'no symbol "{symbol}"; add it to the notation list of a class of this file',
    "misnamed": "the list of symbols calls `{code}` `{symbol}`, and nothing explains `{instead}`; "
    "write the one, or explain the other",
    "no-transpose": "products are elementwise here, and there is no transpose",
    "past": "the left side is what the code computes now, and `{symbol}` is past",
    "circular": "says what `{symbol}` is by means of `{symbol}`",
    "earlier": "what it was before the step is `{symbol}`",
    "constant": "readers take `{symbol}` for the number {number} here, and line {line} says that "
    "it is something else; give that another letter, or an index",
    "rebound": "`{symbol}` is the argument `{name}`, which line {line} makes something else; give "
    "that another name in the code, say `at entry` in the list, or write above the line what "
    "`{symbol}` becomes",
    "namesake": "readers take `{symbol}` for `{name}` in the code, which is another number; give "
    "one of them another name",
    "handed-on": "readers take `{symbol}` for the argument `{name}` of {entry}, and {method} is "
    "called with another one; give that another name, or explain `{symbol}` in the docstring of "
    "{method}",
    "complex": "line {line} says that `{symbol}` may be complex, and formulas are about real "
    "numbers; say that it is real",
    "shadowed": "line {line} says that `{symbol}` is another thing than in line {other}; give one "
    "of them another letter",
    "twice": "line {line} says what this symbol is already",
    # It was compared, and is wrong.
    **_DISAGREES,
    "uses": "line {row}, which uses it, " + _DISAGREES["disagrees-class"],
    "rounded": "so near, one of them may be rounded, as in float32",
    "incomparable": f"cannot be compared {_AT}: {{why}}",
    **_DIFFERENCE,
    "where-never": "says nothing: no run meets the condition {relations}; correct it, or add a "
    "configuration with that",
    "where-only": "if it is meant where {relations} only, add a configuration with that",
    "meant": "what it is held against is `{code}`, the last that these lines compute; if another "
    "is meant, put an empty line below that, or say in the list of symbols what the left side is",
    "default": "it holds when `{name}` has its default",
    # The slip that explains it.
    "slip-sign": "the likely cause: the sign of `{part}`",
    "slip-late": "the likely cause: `{part}` is one step too late",
    "slip-early": "the likely cause: `{part}` is one step too early",
    "slip-under": "the likely cause: `{part}` under the root, not beside it",
    "slip-beside": "the likely cause: `{part}` beside the root, not under it",
    "slip-root": "the likely cause: the root of `{part}`",
    "slip-square": "the likely cause: the square of `{part}`",
    "slip-no-root": "the likely cause: a root of `{part}` that is missing",
    "slip-bias": "the likely cause: `{part}` in place of `{other}`: the correction of its bias",
    "slip-letter": "the likely cause: `{part}` in place of `{other}`",
    "slip-factor": "the likely cause: the factor `{part}`",
    "slip-term": "the likely cause: the term `{part}`",
    "slip-division": "the likely cause: the division by `{part}`",
    # It was compared with nothing.
    "empty": "never compared: all tensors are empty; add a configuration with numbers in them",
    "other-class": "a docstring speaks of the class as it is made by default, and every "
    "configuration sets {arguments}; add one that does not, or speak of it in these rows, or write "
    "`when …` before them",
    "never-true": "never compared: `{guard}` is true in no configuration; correct the condition, "
    "or add a configuration",
    "no-code": "stands beside no code; put it directly above the lines that compute it",
    "no-step": "never executed: no run of {name} has come to the end of a step",
    # The runs do not show that it is right.
    "zero": "both sides are 0 in every run, so nothing was compared; add a configuration in which "
    "they are not",
    "never-strict": "is never more than an equality: both sides are the same number in each step "
    "of a run; write `≤` or `≥`, or add a configuration in which they differ",
    "undone": "line {line} changes `{code}` once more, and no formula says how; write one above it",
    "pointless": "it also agrees when not `{guard}`; leave the condition out, or correct the code "
    "that it speaks of",
    "always": "`{guard}` is true in all runs; add a configuration in which it is not",
    "count": "`{code}` is {number} in all runs, and no symbol says how many there are",
    "always-true": "`{code}` is true in all runs",
    "always-false": "`{code}` is false in all runs",
    "one-effect": "`{code}` has one and the same effect in all runs",
    "unrun": "line {line} may run before it, and ran in no configuration",
    "twins": "`{symbol}` and `{other}` are one number in all runs, so one in place of the other "
    "would agree, too",
    "uniform": "`{symbol}` has the same number in all of its places in all runs, so their order, "
    "or their mean, would agree, too",
    "simpler": "with `{instead}` in place of `{part}` it would agree in all runs, too",
    "free": "in place of `{number}` any other number would agree in all runs, too",
    "show-it": "add a configuration that shows it",
    "square": "`{symbol}` has fewer axes than `{other}`, all of one length in all runs, so nobody "
    "sees along which it goes",
    "not-attacked": "a bound that no run has attacked; let `run` take `gradients`, one row for "
    "each step, and hand them to the steps",
    "together": "{instead} would agree, too; put a formula beside the line that computes it",
    # What algebra found.
    "no-claim": "`{sign}` says nothing that numbers could refute",
    "no-start": "it does not say what it goes on from",
    "no-limit": "≈ without a symbol that may grow says nothing refutable",
    "leading": "`{part}` and `{instead}` agree to leading order, and ≈ compares no more; write the "
    "simpler one, or say with `=` what is exact",
    "stays": "its error does not vanish as {symbol} grows: {errors}",
    "pole-division": f"a division by zero {_POLE}",
    "pole-logarithm": f"the logarithm of a number that is not positive {_POLE}",
    "pole-root": f"the root of a negative number {_POLE}",
    "code-pole": "the code divides by `{code}`, which may be 0, and no formula does; say in the "
    "list of symbols what {symbols} may be, as in `β₂ < 1 − β₁`",
    "say-when": 'if it is a condition, say so with a word before it, such as "when"',
    "untriable": "nor can it be tried where {relations}: {why}",
}


def in_words(text: str) -> tuple[Reason, ...]:
    """Return a reason that is a sentence already: what is wrong, or what an author wrote."""
    return (Reason("words", {"text": text}),)


def plain(name: str, value: Field) -> str:
    """Return a field as text."""
    return str(value) if isinstance(value, str | int) else ", ".join(value)


def say(
    reasons: Iterable[Reason],
    frames: Mapping[str, str] = FRAMES,
    shown: Callable[[str, Field], str] = plain,
) -> list[str]:
    """
    Return the reasons as clauses, one each.

    `frames` are those of a language; a key that it has no frame for is said in English. `shown`
    returns a field, by its name and value, as it is to be shown.
    """
    return [
        (frames.get(each.key) or FRAMES.get(each.key) or ERRORS[each.key]).format(
            **{name: shown(name, value) for name, value in each.fields.items()}
        )
        for each in reasons
    ]
