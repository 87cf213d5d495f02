"""
# The SymPy expression a formula stands for

The counterpart of `values`: the same tree and the same question to a lookup, but the answer holds
for every number at once. What has no symbolic meaning raises `NoValue`.

## A limit for proofs

Nobody knows beforehand how long SymPy will take to simplify an expression; for some it would take
hours. So it works in a thread of its own, and is told to stop when its time is over. The limit is
far above what a proof takes that is found at all, so verdicts do not depend on the machine.
"""

from __future__ import annotations

import ctypes
import math
import threading
import time
from collections.abc import Callable, Collection
from functools import cache
from typing import Any, TypeAlias

import sympy

from sidebyside.algebra.dots import NoValue, unfold
from sidebyside.formula import to_text
from sidebyside.formula.tree import (
    PI,
    Absolute,
    Call,
    Divide,
    Dots,
    Expression,
    Negative,
    Number,
    Power,
    Product,
    Root,
    Series,
    Sum,
    Symbol,
    is_exponential,
    walk,
)

Lookup: TypeAlias = Callable[[Symbol], Any]

_FUNCTIONS: dict[str, Any] = {
    "exp": sympy.exp,
    "log": sympy.log,
    "ln": sympy.log,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "arcsin": sympy.asin,
    "arccos": sympy.acos,
    "arctan": sympy.atan,
    "sinh": sympy.sinh,
    "cosh": sympy.cosh,
    "tanh": sympy.tanh,
    "cbrt": lambda x: sympy.sign(x) * sympy.Abs(x) ** sympy.Rational(1, 3),
    "floor": sympy.floor,
    "ceil": sympy.ceiling,
    "sign": sympy.sign,
}
# SymPy compares all that it chooses from; many runs ask for the same.
_CHOICES: dict[str, Any] = {"max": cache(sympy.Max), "min": cache(sympy.Min)}


def exactly(value: Any) -> sympy.Expr:
    """
    Return a number as SymPy has it; a float as the decimal fraction that Python prints.

    But for the double that is as near to π as one can be: that is π.
    """
    if isinstance(value, sympy.Expr):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise NoValue(f"a {type(value).__name__} is not a number")
    if value == math.pi:
        return sympy.pi
    return sympy.Integer(value) if isinstance(value, int) else sympy.Rational(repr(value))


def to_sympy(tree: Expression, lookup: Lookup) -> sympy.Expr:
    """Return the expression of a formula. `lookup` gives an expression or number per symbol."""
    match tree:
        case Number(text):
            return sympy.oo if text == "∞" else sympy.Rational(text)
        case _ if tree == PI:
            return sympy.pi
        case Symbol():
            return exactly(lookup(tree))
        case Sum(terms):
            return sympy.Add(*_all(terms, lookup))
        case Product(factors):
            return sympy.Mul(*_all(factors, lookup))
        case Negative(value):
            return -to_sympy(value, lookup)
        case Divide(numerator, denominator):
            return to_sympy(numerator, lookup) / to_sympy(denominator, lookup)
        case Power(_, exponent) if is_exponential(tree):
            return sympy.exp(to_sympy(exponent, lookup))
        case Power(base, exponent):
            return to_sympy(base, lookup) ** to_sympy(exponent, lookup)
        case Root(value):
            return sympy.sqrt(to_sympy(value, lookup))
        case Absolute(value):
            return sympy.Abs(to_sympy(value, lookup))
        case Call():
            return _call(tree, lookup)
        case Series():
            return _series(tree, lookup)
        case _:
            raise NoValue(f"`{to_text(tree)}` has no symbolic meaning")


def _all(trees: tuple[Expression, ...], lookup: Lookup) -> list[sympy.Expr]:
    def whole(tree: Expression) -> int:
        value = to_sympy(tree, lookup)
        if not isinstance(value, sympy.Integer):
            raise NoValue(f"`{to_text(tree)}` is not one whole number")
        return int(value)

    if any(isinstance(tree, Dots) for tree in trees):
        trees = unfold(trees, whole)
    return [to_sympy(tree, lookup) for tree in trees]


def _call(call: Call, lookup: Lookup) -> sympy.Expr:
    name = call.function.name
    arguments = _all(call.arguments, lookup)
    if call.function == Symbol(name):
        if name in _CHOICES and len(arguments) > 1:
            return _CHOICES[name](*arguments)
        if name in _FUNCTIONS and len(arguments) == 1:
            return _FUNCTIONS[name](*arguments)
        if name == "clip" and len(arguments) in (2, 3):
            value, high = arguments[0], arguments[-1]
            low = arguments[1] if len(arguments) == 3 else -high
            return sympy.Min(sympy.Max(value, low), high)
    raise NoValue(f"the function in `{to_text(call)}` is not known")


def _series(series: Series, lookup: Lookup) -> sympy.Expr:
    variable = series.variable
    if variable is None or series.lower is None or series.upper is None:
        raise NoValue(f"`{to_text(series)}` does not say from where to where it runs")
    # Not a Dummy, each of which is different: equal formulas give equal expressions.
    bound = sympy.Symbol(f"bound {to_text(variable)}", integer=True)

    def inside(symbol: Symbol) -> Any:
        if symbol == variable:
            return bound
        if any(variable in walk(index) for index in symbol.index):
            raise NoValue(f"`{to_text(symbol)}` differs from term to term")
        return lookup(symbol)

    make = sympy.Sum if series.kind == "sum" else sympy.Product
    limits = (bound, to_sympy(series.lower, lookup), to_sympy(series.upper, lookup))
    return make(to_sympy(series.body, inside), limits)


def is_zero(expression: sympy.Expr, decays: Collection[sympy.Symbol] = ()) -> bool:
    """
    Return whether an expression is 0 for all values of its symbols.

    True is a proof; False only says that no proof was found in reasonable time.
    """
    return not is_unwieldy(expression) and within(_is_zero, expression, decays)


def _is_zero(expression: sympy.Expr, decays: Collection[sympy.Symbol]) -> bool:
    """
    Return whether an expression is 0 for all values of its symbols.

    `decays` are the symbols between 0 and
    1, such as β₁. Every step keeps the value: series are summed, `βᵗ` becomes 1 − q with a positive
    q, so that SymPy takes roots of it apart, and fractions are cleared.
    """
    expression = with_signs(_summed(expression, decays), decays)
    if expression == 0:
        return True
    expression = _plain_roots(expression)
    numerator, _ = sympy.fraction(sympy.together(expression))
    return bool(sympy.expand(numerator) == 0 or sympy.simplify(expression) == 0)


def with_signs(expression: sympy.Expr, decays: Collection[sympy.Symbol]) -> sympy.Expr:
    """Return the expression with decays written so that SymPy sees they are between 0 and 1."""
    # With x positive, 1 / (1 + x) is any number between 0 and 1.
    between = {beta: 1 / (1 + sympy.Dummy("x", positive=True)) for beta in decays}
    return _named_powers(expression, decays).subs(between)


def _summed(expression: sympy.Expr, decays: Collection[sympy.Symbol]) -> sympy.Expr:
    """Sum geometric series. SymPy splits off the case β = 1, which no decay is."""
    if not expression.has(sympy.Sum, sympy.Product):
        return expression

    def likely(*cases: Any) -> sympy.Expr:
        return sympy.Piecewise(*(case for case in cases if not _impossible(case[1], decays)))

    return expression.replace(sympy.Sum, _bare_sum).doit().replace(sympy.Piecewise, likely)


def _bare_sum(body: sympy.Expr, *limits: Any) -> sympy.Expr:
    """A sum, with the factors that are the same in all terms before it: that is much quicker."""
    if len(limits) > 1:
        return sympy.Sum(body, *limits)
    factors, inside = sympy.expand_power_exp(body).as_independent(limits[0][0], as_Add=False)
    return factors * sympy.Sum(inside, *limits)


def _impossible(condition: Any, decays: Collection[sympy.Symbol]) -> bool:
    unknown = condition.free_symbols
    if not isinstance(condition, sympy.Eq) or len(unknown) != 1 or not unknown <= set(decays):
        return False
    solutions = sympy.solveset(condition, *unknown, sympy.Interval.open(0, 1))
    return bool(solutions == sympy.EmptySet)


def _named_powers(expression: sympy.Expr, decays: Collection[sympy.Symbol]) -> sympy.Expr:
    """Write 1 − q for `βᵗ`. As β is between 0 and 1 and t is positive, so is q."""
    names: dict[tuple[sympy.Expr, sympy.Expr], sympy.Expr] = {}

    def name(power: sympy.Pow) -> sympy.Expr:
        factor, exponent = power.exp.as_coeff_Mul()
        if not (exponent.is_positive and factor.is_Integer):
            return power
        q = names.setdefault((power.base, exponent), sympy.Dummy("q", positive=True))
        return (1 - q) ** factor

    def matches(part: sympy.Expr) -> bool:
        return bool(part.is_Pow and part.base in decays and not part.exp.is_number)

    return sympy.expand_power_exp(expression).replace(matches, name)


def _plain_roots(expression: sympy.Expr) -> sympy.Expr:
    """Bring what stands under roots to one form, so that equal roots look equal."""

    def matches(part: sympy.Expr) -> bool:
        return bool(part.is_Pow and part.exp.is_Rational and not part.exp.is_Integer)

    return expression.replace(matches, lambda root: sympy.factor(root.base) ** root.exp)


SECONDS = 20.0
STACK = 64 * 1024 * 1024  # SymPy recurses deeply
LARGEST = 10**6  # exponents above would be written out, digit by digit
LONGEST = 20_000  # parts of an expression that SymPy is asked about


class _TooLongError(BaseException):
    """Raised inside SymPy when its time is over; nothing there catches it."""


def within(function: Callable[..., bool], *arguments: Any, seconds: float = SECONDS) -> bool:
    """
    Return what a function returns, or False if it takes too long: `seconds` of the processor.

    Where others keep the processor busy, it takes longer, and the answer is the same.
    """
    found: list[bool] = []
    failed: list[Exception] = []

    def work() -> None:
        try:
            found.append(function(*arguments))
        except _TooLongError:
            return
        except Exception as error:  # which the caller shall see
            failed.append(error)

    before = threading.stack_size(STACK)
    try:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
    finally:
        threading.stack_size(before)
    started = time.process_time()
    while thread.is_alive() and time.process_time() - started < seconds:
        thread.join(0.1)
    if thread.is_alive() and thread.ident is not None:
        stop = ctypes.py_object(_TooLongError)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), stop)
        thread.join(1.0)
    if failed:
        raise failed[0]
    return bool(found and found[0])


def is_unwieldy(expression: sympy.Expr) -> bool:
    """Whether simplifying could write out a number to a power of millions."""
    if not expression.has(sympy.log):
        return False
    return any(max(abs(n.p), n.q) > LARGEST for n in expression.atoms(sympy.Rational))


@cache
def length(expression: sympy.Basic) -> int:
    """
    Return how many parts an expression has that is written out: powers, too, and digits.

    Code such as `x = x + a / x` makes it twice as long each time, though it takes little memory.
    SymPy goes through all of it, whatever it is asked.
    """
    if isinstance(expression, sympy.Rational):
        return 1 + int(expression.p.bit_length() + expression.q.bit_length()) // 64
    if isinstance(expression, sympy.Pow) and expression.exp.is_Integer:
        return 1 + abs(int(expression.exp)) * length(expression.base)
    return 1 + sum(map(length, expression.args))
