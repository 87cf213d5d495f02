"""
# The values of bindings at one moment of a run

A formula speaks of `mₜ`, `mₜ₋₁`, `β₁`, `m̂ₜ`. What each is, its binding says; an `Environment` is a
moment of a recording, seen from one formula, and reads the value:

* `mₜ` is the value now, after the annotated code;
* `mₜ₋₁` is the value at step entry if it is something that lives on, like a state or a parameter,
  and otherwise what it was in the step before;
* `m₃` is the value after step 3;
* t is the number of the step;
* `m̂ₜ`, if a row of the page defines it, is the value of that row.

What a list calls `state["exp_avg"]` is looked up among the names that the snapshot has kept. Both
sides of a formula beside code are read here, too: what it says, and what the code has made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from types import CodeType
from typing import Any, TypeAlias

import numpy as np

from sidebyside.algebra.agreement import Sides, compare, scale_of
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.numeric import Matrix, NotFinite, saturated
from sidebyside.algebra.unlimited import unlimited
from sidebyside.claims.binding import Binding, Code, Row, Scopes, Symbols, Time, others
from sidebyside.claims.claims import Claim
from sidebyside.formula import to_text
from sidebyside.formula.tree import EQUALITIES, Expression, Relation, Symbol
from sidebyside.source.notation import RETURN_NAME, Meaning, names_in, parsed, root, steps_back
from sidebyside.trace.trace import RETURN, Call, Snapshot, Step

Evaluate: TypeAlias = Callable[[Expression, Callable[[Symbol], Any]], Any]


class NotThere(NoValue):
    """The code that a notation names does not exist at this moment."""


class Unknown(NoValue):
    """No notation list explains a symbol."""


class TooEarly(NoValue):
    """A symbol speaks of a step before the first one."""


@dataclass(frozen=True, eq=False)
class Environment:
    """
    A moment of a run: after the snapshot `now` in `step`, seen from a formula in `scopes`.

    `call` is the call the snapshot was taken in, `used` collects the notation lines that were
    found to name something. `truth` decides whether a guard holds. With `as_given`, the arguments
    of the call are what they were when it began, except those that are memory.
    """

    symbols: Symbols
    scopes: Scopes
    step: Step
    now: Snapshot
    call: Call | None
    evaluate: Evaluate
    used: set[Meaning]
    truth: Callable[[Any], bool] = bool
    as_given: bool = False
    known: dict[Symbol, Any] = field(default_factory=dict, init=False)

    def __call__(self, symbol: Symbol) -> Any:
        """Return the value of a symbol; raise `NoValue` if it has none here."""
        try:
            return self.known[symbol]
        except KeyError:
            value = self.known[symbol] = self.value(symbol, 0)
            return value

    @cached_property
    def given(self) -> Environment:
        """The same moment, as whoever made the call knows its arguments."""
        return replace(self, as_given=True)

    def run(self, code: str) -> Any:
        """Return the value of a piece of code here; raise `NotThere` if it has none."""
        return run(code, self.now.names)

    @cached_property
    def switches(self) -> Mapping[str, Any]:
        """What the conditions of notation lists speak of."""
        return with_switches(self.now.names)

    def holds(self, guard: str) -> bool:
        """Whether a guard is true here: Python over names, and keys of the group and the state."""
        return not guard or self.truth(run(guard, self.switches))

    def binding(self, symbol: Symbol) -> Binding | None:
        """Return what a symbol is here, if anything says so."""
        for guard, each in self.symbols.resolve(symbol, self.scopes):
            if not guard or self.holds(guard):
                return each
        return None

    def meaning(self, symbol: Symbol) -> Meaning | None:
        """Return the notation line that explains a symbol here."""
        return self.first(self.symbols.meanings(symbol, self.scopes))

    def first(self, lines: Sequence[Meaning]) -> Meaning | None:
        """Return the first one of some notation lines of which the guard is true here."""
        for each in lines:
            if not each.guard or self.holds(each.guard):
                return each
        return None

    def value(self, symbol: Symbol, shift: int) -> Any:
        """Return the value that a symbol had `shift` steps earlier than it says."""
        match self.binding(symbol):
            case Time():
                return self.step.t - shift
            case Code(line, unclear=True):
                raise NoValue(f"`{to_text(symbol)}`: which step that is cannot be told")
            case Code(line, back, at):
                value = self.of_code(line, self.back_to(symbol, back, at) + shift, symbol)
                self.used.add(line)
                called = isinstance(value, np.ndarray) and "matri" in line.text
                return value.view(Matrix) if called else value
            case Row(definition, back, at):
                earlier = self.back_to(symbol, back, at) + shift
                if isinstance(self.step.t, int) and earlier >= self.step.t:
                    raise NoValue(f"`{to_text(symbol)}` is defined from step 1 on")
                return self.evaluate(definition.formula, lambda inner: self.value(inner, earlier))
            case None:
                raise Unknown(f"no symbol `{to_text(symbol)}`")
        raise NoValue(f"`{to_text(symbol)}` stands for no piece of code")

    def back_to(self, symbol: Symbol, back: int, at: int | None) -> int:
        """How many steps ago a binding says; step number `at` was some steps ago."""
        if at is None:
            return back
        if not isinstance(self.step.t, int):
            raise NoValue(f"`{to_text(symbol)}` needs the history of a run")
        return self.step.t - at

    def of_code(self, meaning: Meaning, back: int, symbol: Symbol) -> Any:
        """Return what the code of a notation line was, so many steps back."""
        if meaning.at_entry and back == 0:
            if self.call is None:
                raise NotThere(f"`{meaning.code}` at entry: this formula belongs to no method")
            return run(meaning.code, self.call.entry.names)
        if back == 0:
            if self.as_given and self.call is not None:
                return self.of_argument(meaning.code, symbol, self.call)
            return run(meaning.code, self.names(meaning.code))
        code, step = self.memory(meaning.code), self.before(back - 1)
        if back > 0 and step is not None:
            # In `self.counts[j]`, the place is that of now.
            names = self.now.names
            inside = {n: names[n] for n in names_in(code) if n in names} if code else {}
            if code is not None and exists(code, {**inside, **step.entry.names}):
                return run(code, {**inside, **step.entry.names})
            earlier = self.same_call(step.previous)
            if earlier is not None and earlier.exit is not None:
                return run(meaning.code, earlier.exit.names)
        why = "too few steps so far"
        if code is None:
            why += f"; if `{meaning.code}` lives on from step to step, name it in `memory`"
        elif back == 1:
            why = f"`{code}` is not there when the step begins; make it before, in the constructor"
        raise TooEarly(f"`{to_text(symbol)}` has no value in step {self.step.t}: {why}")

    def before(self, steps: int) -> Step | None:
        """The step so many before this one, if there was one."""
        step: Step | None = self.step
        for _ in range(steps):
            step = step and step.previous
        return step

    def of_argument(self, code: str, symbol: Symbol, call: Call) -> Any:
        """Return what a piece of code was for whoever made the call."""
        name = root(code)
        if name in call.changed and steps_back(symbol) is None:
            raise NoValue(
                f"`{to_text(symbol)}` is `{name}`, which is changed in place while the function "
                "runs; say in the notation list whether it is meant `at entry`, or give it a time"
            )
        names = self.names(code)
        if name in call.rebound and name in call.entry.names:
            names = {**names, name: call.entry.names[name]}
        return run(code, names)

    def names(self, code: str) -> Mapping[str, Any]:
        """The names now, with those at step entry under `entry` if the code speaks of them."""
        names = self.now.names
        return {**names, "entry": self.step.entry.names} if "entry[" in code else names

    def memory(self, code: str) -> str | None:
        """The place of a piece of code in the memory of the step, if it lives there."""
        if code in self.now.memory:
            return self.now.memory[code]
        return code if root(code) in self.step.roots else None

    def same_call(self, step: Step | None) -> Call | None:
        """The last call of the same method in another step."""
        if step is None or self.call is None:
            return None
        same = [call for call in step.calls if call.function is self.call.function]
        return same[-1] if same else None


def sides(claim: Claim, place: Environment, evaluate: Evaluate) -> Iterator[Sides]:
    """
    Yield what has to agree, if the claim is true, at one moment of a run.

    Raises `NoValue` where something has no value.
    """
    formula = claim.formula
    given = place.given if claim.kind == "call" else place
    if isinstance(formula, Expression):
        code = computed(claim, place)
        value = beside_code(code, formula, given, evaluate)
        scale = partial(scale_of, formula, given, evaluate, value)
        yield Sides(code, "=", value, tree=formula, scale=scale)
        return
    assert isinstance(formula, Relation)
    assert formula.first is not None
    target = formula.first
    lookup: Callable[[Symbol], Any] = given
    if isinstance(target, Symbol) and formula.rest[0][0] in EQUALITIES:
        *more, left = assigned(claim, target, place)
        yield from (Sides(left, "=", other) for other in more)
        if formula.rest[0][0] == "←" and steps_back(target) is None:
            lookup = _before(target, given)
    else:
        left = evaluate(target, given)
    for sign, side in formula.rest:
        right = beside_code(left, side, lookup, evaluate)
        scale = partial(scale_of, side, lookup, evaluate, right)
        yield Sides(left, sign, right, tree=side, scale=scale)
        left = right


def beside_code(
    code: Any, tree: Expression, lookup: Callable[[Symbol], Any], evaluate: Evaluate
) -> Any:
    """
    Return the value of a formula beside what the code has computed.

    Where a number on the way is too large, it is the code's, if both go on with infinity alike, or
    if it is the formula's in numbers without a largest one.
    """
    try:
        return evaluate(tree, lookup)
    except NotFinite:
        for other in (saturated, unlimited):
            with suppress(NoValue):
                value = other(tree, lookup)
                if compare(Sides(code, "=", value, tree=tree)).agrees:
                    return value
        raise


def assigned(claim: Claim, symbol: Symbol, place: Environment) -> list[Any]:
    """
    Return what the code made of the symbol on the left: one value, or several that must agree.

    It is what the notation says it is. Where that does not exist yet, it is what the code beside
    the formula computes, and what the notation says when the step is over. A symbol without a
    notation is what the code computes, and what a row of the page defines it to be.
    """
    if symbol == Symbol("t"):
        return [place(symbol)]
    meaning = place.meaning(symbol)
    if (meaning is None or meaning.is_words) and claim.values:
        is_defined = place.symbols.defined(symbol, place.scopes) is not None
        return [*([place(symbol)] if is_defined else []), computed(claim, place)]
    try:
        return [place(symbol)]
    except NotThere:
        if not claim.values or place.step.exit is None:
            raise
    end = replace(place, now=place.step.exit)
    try:
        return [end(symbol), computed(claim, place)]
    except NotThere:
        return [computed(claim, place)]


def _before(target: Symbol, place: Environment) -> Callable[[Symbol], Any]:
    """The meaning of symbols in `θ ← θ − …`: θ on the right is what it was before the step."""
    return lambda symbol: place.value(symbol, 1) if symbol == target else place(symbol)


def computed(claim: Claim, place: Environment) -> Any:
    """Return the last number or tensor that the code beside a formula computes."""
    values = (RETURN,) if claim.kind == "call" else claim.values
    for last in reversed(range(len(values))):
        value = place.run(values[last])
        if _is_number(value):
            _refuse_others(claim, place, last)
            return value
    raise NotThere("the code beside it computes no number or tensor")


def _refuse_others(claim: Claim, place: Environment, last: int) -> None:
    """Raise `NoValue` if the code computes something else, too: which of them is meant?"""
    for n in others(claim.values, claim.inputs, last) if claim.kind != "call" else ():
        code = claim.values[n]
        if exists(code, place.now.names) and _is_number(place.run(code)):
            raise NoValue(
                f"the lines beside it compute `{code}` and `{claim.values[last]}`; part them by an "
                "empty line, or say in a notation list what the left side is"
            )


def _is_number(value: Any) -> bool:
    return not isinstance(value, dict | list | str | bool | None)


@cache
def _compiled(code: str) -> CodeType:
    return compile(parsed(code), code, "eval")


def with_switches(names: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the names with the keys of the group and the state as further names."""
    inside = (names.get("state"), names.get("group"))
    merged: dict[str, Any] = {}
    for each in inside:
        merged |= each if isinstance(each, Mapping) else {}
    return {**merged, **names}


def exists(code: str, names: Mapping[str, Any]) -> bool:
    """Whether a piece of code has a value among these names."""
    try:
        run(code, names)
    except NotThere:
        return False
    return True


def run(code: str, names: Mapping[str, Any]) -> Any:
    """Evaluate Python over frozen names."""
    if code in names:
        return names[code]
    seen = {RETURN_NAME: names[RETURN], **names} if RETURN in names else names
    try:
        return eval(_compiled(code), {"__builtins__": {}}, seen)
    except NameError as error:
        raise NotThere(
            f"`{code}` does not exist here: `{error.name}` is no variable of the method, nor of "
            "the group or state; give what it computes a name in the code, and write that"
        ) from None
    except (LookupError, AttributeError, TypeError, ArithmeticError) as error:
        kind = type(error).__name__
        raise NotThere(f"`{code}` does not exist here ({kind}: {error})") from None
