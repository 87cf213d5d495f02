"""
# A tensor that is a formula

`SymbolicTensor` looks to an optimizer like a tensor, and its elements are one SymPy expression.
Passed into the real methods, it collects what they compute. Every operation here is elementwise, so
one expression speaks for all elements. A method that is not in the list below is an error that says
so, never a guess.

Numbers such as a learning rate are `SymbolicNumber`s, which, like Python's floats, nothing changes
in place. Comparing one asks `Branches`: both answers are possible, so the code runs once for each.

## Every way through the branches

Code that compares a number which stands for all numbers cannot be told which way to go: both are
possible. So it is run once for each way, and what was answered is remembered.
"""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from typing import Any

import sympy

from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.expressions import exactly

__all__ = ["Branches", "ProofError", "decided", "opposite_of"]


class _Condition:
    """What comparing two numbers gives; it becomes True or False when code branches on it."""

    def __init__(self, condition: sympy.Basic, branches: Branches) -> None:
        self.condition, self.branches = condition, branches

    def __bool__(self) -> bool:
        return self.branches.decide(self.condition)


# What torch's methods and functions of these names compute. `name_` is the same, in place.
_OPERATIONS: dict[str, Callable[..., sympy.Expr]] = {
    "abs": sympy.Abs,
    "add": lambda x, other, alpha=1: x + alpha * other,
    "addcdiv": lambda x, a, b, value=1: x + value * a / b,
    "addcmul": lambda x, a, b, value=1: x + value * a * b,
    "clone": lambda x: x,
    "copy": lambda x, other: other,
    "detach": lambda x: x,
    "div": lambda x, other: x / other,
    "exp": sympy.exp,
    "lerp": lambda x, end, weight: x + weight * (end - x),
    "log": sympy.log,
    # Remembered: to compare two expressions takes SymPy long, and configurations ask the same.
    "maximum": lru_cache(maxsize=None)(sympy.Max),
    "minimum": lru_cache(maxsize=None)(sympy.Min),
    "mul": lambda x, other: x * other,
    "neg": lambda x: -x,
    "pow": lambda x, exponent: x**exponent,
    "reciprocal": lambda x: 1 / x,
    "rsqrt": lambda x: 1 / sympy.sqrt(x),
    "sign": sympy.sign,
    "sqrt": sympy.sqrt,
    "square": lambda x: x**2,
    "sub": lambda x, other, alpha=1: x - alpha * other,
}


def _under(x: sympy.Expr, y: sympy.Expr) -> sympy.Expr:
    return y / x


# Of an operation, which of its numbers must not be 0.
_DIVISORS = {
    **{_OPERATIONS[name]: 0 for name in ("log", "reciprocal", "rsqrt")},
    _OPERATIONS["div"]: 1,
    _OPERATIONS["addcdiv"]: 2,
    _under: 0,
}


class SymbolicNumber:
    """A number that stands for all numbers."""

    def __init__(self, expression: sympy.Expr, branches: Branches) -> None:
        self.expression, self.branches = expression, branches

    def _apply(self, operation: Callable[..., sympy.Expr], *args: Any, **options: Any) -> Any:
        """The result is a tensor if anything that goes into it is."""
        tensor = any(isinstance(x, SymbolicTensor) for x in (self, *args))
        values = [expression_of(x) for x in (self, *args)]
        named = {key: expression_of(value) for key, value in options.items()}
        kind = SymbolicTensor if tensor else SymbolicNumber
        if operation in _DIVISORS:
            self.branches.divisors.append(values[_DIVISORS[operation]])
        elif operation is _OPERATIONS["pow"] and values[1].could_extract_minus_sign():
            self.branches.divisors.append(values[0])
        return kind(operation(*values, **named), self.branches)

    def __add__(self, other: Any) -> Any:
        return self._apply(lambda x, y: x + y, other)

    def __sub__(self, other: Any) -> Any:
        return self._apply(lambda x, y: x - y, other)

    def __rsub__(self, other: Any) -> Any:
        return self._apply(lambda x, y: y - x, other)

    def __mul__(self, other: Any) -> Any:
        return self._apply(lambda x, y: x * y, other)

    def __truediv__(self, other: Any) -> Any:
        return self._apply(_OPERATIONS["div"], other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._apply(_under, other)

    def __pow__(self, other: Any) -> Any:
        return self._apply(_OPERATIONS["pow"], other)

    def __rpow__(self, other: Any) -> Any:
        return self._apply(lambda x, y: y**x, other)

    def __neg__(self) -> Any:
        return self._apply(lambda x: -x)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return self._apply(sympy.Abs)

    __radd__, __rmul__ = __add__, __mul__

    def _compare(self, relation: Callable[..., sympy.Basic], other: Any) -> _Condition:
        return _Condition(relation(self.expression, expression_of(other)), self.branches)

    def __eq__(self, other: object) -> Any:
        if not isinstance(other, (SymbolicNumber, int, float)):
            return NotImplemented
        return self._compare(sympy.Eq, other)

    def __ne__(self, other: object) -> Any:
        if not isinstance(other, (SymbolicNumber, int, float)):
            return NotImplemented
        return self._compare(sympy.Ne, other)

    def __lt__(self, other: Any) -> Any:
        return self._compare(sympy.Lt, other)

    def __le__(self, other: Any) -> Any:
        return self._compare(sympy.Le, other)

    def __gt__(self, other: Any) -> Any:
        return self._compare(sympy.Gt, other)

    def __ge__(self, other: Any) -> Any:
        return self._compare(sympy.Ge, other)

    def __bool__(self) -> bool:
        return self.branches.decide(sympy.Ne(self.expression, 0))

    def __hash__(self) -> int:
        raise self.branches.refuse(f"`{self.expression}` as a key: not one number")

    def __float__(self) -> float:
        raise self.branches.refuse(f"float() of `{self.expression}`: not one number")

    def __int__(self) -> int:
        raise self.branches.refuse(f"int() of `{self.expression}`: not one number")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.expression})"

    def item(self) -> SymbolicNumber:
        return SymbolicNumber(self.expression, self.branches)


class SymbolicTensor(SymbolicNumber):
    """A tensor, each element of which stands for all numbers."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in _OPERATIONS:
            return lambda *args, **options: self._apply(_OPERATIONS[name], *args, **options)
        if name.endswith("_") and name[:-1] in _OPERATIONS:
            return lambda *args, **options: self._become(_OPERATIONS[name[:-1]], *args, **options)
        if not hasattr(_tensor_class(), name):  # as of a real tensor
            raise AttributeError(f"a tensor has no {name}")
        raise self.branches.refuse(_unknown(f"Tensor.{name}"))

    def _become(self, operation: Callable[..., sympy.Expr], *args: Any, **options: Any) -> Any:
        self.expression = self._apply(operation, *args, **options).expression
        return self

    # On a tensor, `x += y` changes x in place, for everybody who holds it.
    def __iadd__(self, other: Any) -> Any:
        return self._become(lambda x, y: x + y, other)

    def __isub__(self, other: Any) -> Any:
        return self._become(lambda x, y: x - y, other)

    def __imul__(self, other: Any) -> Any:
        return self._become(lambda x, y: x * y, other)

    def __itruediv__(self, other: Any) -> Any:
        return self._become(_OPERATIONS["div"], other)

    @property
    def data(self) -> SymbolicTensor:
        return self

    @classmethod
    def __torch_function__(
        cls, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Called by torch's own functions, such as `torch.maximum(a, b, out=a)`."""
        options = dict(kwargs or {})
        out = options.pop("out", None)
        operation = _OPERATIONS.get(function.__name__)
        if operation is None or not isinstance(args[0], SymbolicNumber):
            inside = (*args, *options.values())
            stand_in = next(each for each in inside if isinstance(each, SymbolicNumber))
            raise stand_in.branches.refuse(_unknown(f"torch.{function.__name__}"))
        result = args[0]._apply(operation, *args[1:], **options)
        return result if out is None else out._become(lambda _, new: new, result)


def _tensor_class() -> type:
    import torch  # not before something is proved: pages are built without it

    return torch.Tensor


def as_instance(value: Any, kinds: Any) -> bool:
    """Answer `isinstance` for a stand-in as for what it stands for: a tensor, or a float."""
    if isinstance(value, SymbolicTensor):
        return isinstance(_tensor_class()([0.0]), kinds)
    return isinstance(0.5 if isinstance(value, SymbolicNumber) else value, kinds)


def type_of(*values: Any) -> Any:
    """Answer `type` for a stand-in as for what it stands for."""
    if len(values) == 1 and isinstance(values[0], SymbolicNumber):
        return _tensor_class() if isinstance(values[0], SymbolicTensor) else float
    return type(*values)


def expression_of(value: Any) -> sympy.Expr:
    """Return the expression of a stand-in, or of a number."""
    return value.expression if isinstance(value, SymbolicNumber) else exactly(value)


def _unknown(name: str) -> str:
    return f"proofs do not know {name}; add what it computes to sidebyside/trace/symbolic.py"


MOST_WAYS = 64


class ProofError(Exception):
    """The code does something that a proof cannot follow. Its text says what."""


class Branches:
    """
    Every way through the branches of some code.

    `for _ in branches:` runs its body once for each way. Within it, `decide` answers a comparison,
    `conditions` holds what was answered so far, and `words` says it for people. `divisors` are what
    the code divided by, as it was computed.
    """

    def __init__(self) -> None:
        self.conditions: list[sympy.Basic] = []
        self.words: list[str] = []
        self.divisors: list[sympy.Expr] = []
        self.refused = ""
        self._plan: list[bool] = []

    def __iter__(self) -> Iterator[None]:
        for _ in range(MOST_WAYS):
            self.conditions, self.words, self.divisors, self.refused = [], [], [], ""
            yield
            answers = self._plan
            while answers and not answers[-1]:
                answers.pop()
            if not answers:
                return
            answers[-1] = False
        raise ProofError(f"more than {MOST_WAYS} ways through the branches")

    def refuse(self, reason: str) -> ProofError:
        """
        Return the error for something that a proof cannot follow.

        It is remembered, as the code may catch it, and go on where no number would.
        """
        self.refused = self.refused or reason
        return ProofError(reason)

    def decide(self, condition: sympy.Basic) -> bool:
        """Answer a comparison: yes at first, no when the code is run again."""
        known = _answer(self.conditions, condition)
        if known is not None:
            return known
        place = len(self.conditions)
        if place == len(self._plan):
            self._plan.append(True)
        answer = self._plan[place]
        self.conditions.append(condition if answer else sympy.Not(condition))
        self.words.append(f"`{_asking_code() if answer else opposite_of(_asking_code())}`")
        return answer


def decided(conditions: Collection[sympy.Basic], condition: Any) -> bool:
    """Return whether a condition follows from others; raise `NoValue` if it may hold or not."""
    known = _answer(conditions, condition)
    if known is None:
        raise NoValue(f"nothing decides whether {condition}")
    return known


def _answer(conditions: Collection[sympy.Basic], condition: Any) -> bool | None:
    if not isinstance(condition, sympy.logic.boolalg.Boolean):
        return bool(condition)
    if condition in (sympy.true, sympy.false):
        return bool(condition)
    if condition in conditions:
        return True
    return False if sympy.Not(condition) in conditions else None


def _asking_code() -> str:
    """The line of code that waits for an answer, as it stands in its file."""
    frame = sys._getframe()
    while frame.f_globals["__name__"].startswith("sidebyside.") and frame.f_back is not None:
        frame = frame.f_back
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
    return re.sub(r"^(?:el)?if |^while |:$", "", line)


_OPPOSITES = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}


def opposite_of(code: str) -> str:
    """Return what is true when a condition is false: `rho > 5` for `rho <= 5`."""
    comparison = re.fullmatch(r"([\w.\[\]\"']+) (<=?|>=?|==|!=) ([\w.\[\]\"']+)", code)
    if comparison:
        return f"{comparison[1]} {_OPPOSITES[comparison[2]]} {comparison[3]}"
    return f"not {code}" if re.fullmatch(r"[\w.\[\]\"']+", code) else f"not ({code})"
