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
from typing import Any

import numpy as np
import sympy

from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.expressions import LONGEST, exactly, length
from sidebyside.trace.elementwise import COMPARISONS, OPERATIONS, UFUNCS, divisors, needs, under
from sidebyside.trace.in_place import ChangedInPlace

__all__ = ["Branches", "ProofError", "decided", "opposite_of"]


class _Condition:
    """
    What comparing elements gives; it becomes True or False when code branches on it.

    Each element goes its own way, and one stands for all: so `where` is a branch, too.
    """

    def __init__(self, condition: sympy.Basic, branches: Branches) -> None:
        self.condition, self.branches = condition, branches

    def __bool__(self) -> bool:
        return self.branches.decide(self.condition)

    def __eq__(self, other: object) -> bool:
        raise self.branches.refuse("whether a comparison equals something else")

    __hash__ = None  # type: ignore[assignment]

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return _called(function, args, kwargs, self.branches)

    @classmethod
    def __torch_function__(
        cls, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        condition = next(each for each in args if isinstance(each, _Condition))
        return _called(function, args, kwargs, condition.branches)


class SymbolicNumber(ChangedInPlace):
    """A number that stands for all numbers."""

    branches: Branches

    def __init__(self, expression: sympy.Expr, branches: Branches) -> None:
        self.expression, self.branches = expression, branches

    def _apply(self, operation: Callable[..., sympy.Expr], *args: Any, **options: Any) -> Any:
        """The result is a tensor, or an array, if anything that goes into it is."""
        kinds = {type(each) for each in (self, *args, *options.values())}
        kind = next((each for each in (SymbolicTensor, SymbolicArray) if each in kinds), None)
        values: list[Any] = [None if x is None else expression_of(x) for x in (self, *args)]
        named = {key: expression_of(v) for key, v in options.items() if v is not None}
        self.branches.divisors += divisors(operation, values)
        self.branches.radicands += needs(operation, values)
        result = operation(*values, **named)
        if length(result) > LONGEST:
            raise self.branches.refuse(_asking_code())
        return (kind or SymbolicNumber)(result, self.branches)

    def __add__(self, other: Any) -> Any:
        return self._apply(lambda x, y: x + y, other)

    def __sub__(self, other: Any) -> Any:
        return self._apply(lambda x, y: x - y, other)

    def __rsub__(self, other: Any) -> Any:
        return self._apply(lambda x, y: y - x, other)

    def __mul__(self, other: Any) -> Any:
        return self._apply(lambda x, y: x * y, other)

    def __truediv__(self, other: Any) -> Any:
        return self._apply(OPERATIONS["div"], other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._apply(under, other)

    def __pow__(self, other: Any) -> Any:
        return self._apply(OPERATIONS["pow"], other)

    def __rpow__(self, other: Any) -> Any:
        return SymbolicNumber(expression_of(other), self.branches)._apply(OPERATIONS["pow"], self)

    def __neg__(self) -> Any:
        return self._apply(lambda x: -x)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return self._apply(sympy.Abs)

    __radd__, __rmul__ = __add__, __mul__

    def _compare(self, relation: Callable[..., sympy.Basic], other: Any) -> Any:
        """Compare with another number, which is decided at once; with elements, when it is used."""
        condition = relation(self.expression, expression_of(other))
        if {type(self), type(other)} & {SymbolicTensor, SymbolicArray}:
            return _Condition(condition, self.branches)
        return self.branches.decide(condition)

    def _is_like(self, other: object) -> bool:
        """Whether it is compared with a number; another method may make it something else."""
        if other is None or isinstance(other, str | tuple | list | dict):
            raise self.branches.refuse(f"{self.expression} compared with what is no number")
        return isinstance(other, SymbolicNumber | int | float)

    def __eq__(self, other: object) -> Any:
        return self._compare(sympy.Eq, other) if self._is_like(other) else NotImplemented

    def __ne__(self, other: object) -> Any:
        return self._compare(sympy.Ne, other) if self._is_like(other) else NotImplemented

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
        raise self.branches.refuse(f"{self.expression} as a key")

    def __float__(self) -> float:
        raise self.branches.refuse(f"float({self.expression})")

    def __int__(self) -> int:
        raise self.branches.refuse(f"int({self.expression})")

    def __repr__(self) -> str:
        self.branches.refuse(f"str({self.expression})")
        return f"{type(self).__name__}({self.expression})"

    def item(self) -> SymbolicNumber:
        return SymbolicNumber(self.expression, self.branches)

    def __array_ufunc__(
        self, ufunc: Any, method: str, *inputs: Any, out: tuple[Any, ...] = (), **options: Any
    ) -> Any:
        """Called by NumPy's own functions, such as `np.add(a, b, out=a)`."""
        name = ufunc.__name__
        if method != "__call__" or options:
            raise self.branches.refuse(f"numpy.{name}")
        first = inputs[0] if isinstance(inputs[0], SymbolicNumber) else self._like(inputs[0])
        if name in COMPARISONS and not out:
            return first._compare(COMPARISONS[name], inputs[1])
        if name not in UFUNCS:
            raise self.branches.refuse(f"numpy.{name}")
        result = first._apply(OPERATIONS[UFUNCS[name]], *inputs[1:])
        return out[0]._become(lambda _, new: new, result) if out else result

    def _like(self, value: Any) -> SymbolicNumber:
        return SymbolicNumber(expression_of(value), self.branches)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return _called(function, args, kwargs, self.branches)

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise self.branches.refuse("an array made of it")


def _called(function: Any, args: Any, kwargs: Any, branches: Branches) -> Any:
    """What a function of NumPy or torch returns that is no ufunc."""
    name = function.__name__
    if name == "where" and len(args) == 3 and not kwargs:
        chosen = args[1] if args[0] else args[2]
        others = [type(each) for each in args]
        is_array = SymbolicArray in others or _Condition in others
        return SymbolicArray(expression_of(chosen), branches) if is_array else chosen
    first = args[0] if args else None
    if name not in UFUNCS or not isinstance(first, SymbolicNumber) or "out" in (kwargs or {}):
        raise branches.refuse(f"numpy.{name}")
    return first._apply(OPERATIONS[UFUNCS[name]], *args[1:], **(kwargs or {}))


class _Elements(SymbolicNumber):
    """What can be changed in place, for everybody who holds it."""

    def _become(self, operation: Callable[..., sympy.Expr], *args: Any, **options: Any) -> Any:
        self.expression = self._apply(operation, *args, **options).expression
        self.branches.on_change(self)
        return self

    def __iadd__(self, other: Any) -> Any:
        return self._become(lambda x, y: x + y, other)

    def __isub__(self, other: Any) -> Any:
        return self._become(lambda x, y: x - y, other)

    def __imul__(self, other: Any) -> Any:
        return self._become(lambda x, y: x * y, other)

    def __itruediv__(self, other: Any) -> Any:
        return self._become(OPERATIONS["div"], other)

    def __ipow__(self, other: Any) -> Any:
        return self._become(OPERATIONS["pow"], other)


class SymbolicArray(_Elements):
    """An array of NumPy, each element of which stands for all numbers."""

    def copy(self) -> SymbolicArray:
        return SymbolicArray(self.expression, self.branches)

    def clip(self, low: Any = None, high: Any = None) -> Any:
        return self._apply(OPERATIONS["clip"], low, high)

    def fill(self, value: Any) -> None:
        self._become(OPERATIONS["fill"], value)

    def __getattr__(self, name: str) -> Any:
        if not hasattr(np.ndarray, name):  # as of a real array
            raise AttributeError(f"an array has no {name}")
        raise self.branches.refuse(f"ndarray.{name}")


class SymbolicTensor(_Elements):
    """A tensor, each element of which stands for all numbers."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name == "detach":
            return lambda: self  # in the same memory
        if name in OPERATIONS:
            return lambda *args, **options: self._apply(OPERATIONS[name], *args, **options)
        if name.endswith("_") and name[:-1] in OPERATIONS:
            return lambda *args, **options: self._become(OPERATIONS[name[:-1]], *args, **options)
        if not hasattr(_tensor_class(), name):  # as of a real tensor
            raise AttributeError(f"a tensor has no {name}")
        raise self.branches.refuse(f"Tensor.{name}")

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
        operation = OPERATIONS.get(function.__name__)
        if function.__name__ == "where" and not options and isinstance(args[0], _Condition):
            chosen = args[1] if args[0] else args[2]
            return cls(expression_of(chosen), args[0].branches)
        if operation is None or not isinstance(args[0], SymbolicNumber):
            inside = (*args, *options.values())
            stand_in = next(each for each in inside if isinstance(each, SymbolicNumber))
            raise stand_in.branches.refuse(f"torch.{function.__name__}")
        result = args[0]._apply(operation, *args[1:], **options)
        return result if out is None else out._become(lambda _, new: new, result)


class Opaque:
    """What a proof knows nothing about; whoever uses it is refused."""

    def __init__(self, code: str, branches: Branches) -> None:
        vars(self).update(_code=code, _branches=branches)

    def _refused(self, *_: Any, **__: Any) -> Any:
        raise self._branches.refuse(self._code, "unproved-depends")

    def __getattr__(self, name: str) -> Any:
        return self._refused()

    __setattr__ = __delattr__ = _refused
    __bool__ = __hash__ = __repr__ = __str__ = __format__ = _refused
    __int__ = __float__ = __index__ = __len__ = __iter__ = __contains__ = _refused
    __call__ = __getitem__ = __setitem__ = __delitem__ = __enter__ = __exit__ = _refused
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refused
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __pow__ = __rpow__ = _refused
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _refused
    __neg__ = __pos__ = __abs__ = __matmul__ = __rmatmul__ = __invert__ = __round__ = _refused
    __array_ufunc__ = __array_function__ = __array__ = __torch_function__ = _refused


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
    if isinstance(value, SymbolicNumber):
        return value.expression
    is_array = isinstance(value, np.generic | np.ndarray) and value.ndim == 0
    return exactly(value.item() if is_array else value)


MOST_WAYS = 64
MOST_DECISIONS = 100  # on one way; where there are more, code calls itself or goes round


class ProofError(Exception):
    """
    The code does something that a proof cannot follow. Its text says what.

    `key` is that of the reason with this text.
    """

    def __init__(self, text: str, key: str = "unproved-code") -> None:
        super().__init__(text)
        self.key = key


class Branches:
    """
    Every way through the branches of some code.

    `for _ in branches:` runs its body once for each way. Within it, `decide` answers a comparison,
    `conditions` holds what was answered so far, and `words` says it for people. `divisors` are what
    the code divided by, as it was computed, `radicands` what it took a root or a logarithm of.
    """

    def __init__(self) -> None:
        self.conditions: list[sympy.Basic] = []
        self.words: list[str] = []
        self.divisors: list[sympy.Expr] = []
        self.radicands: list[sympy.Expr] = []
        self.refused: ProofError | None = None
        self.on_change: Callable[[Any], None] = lambda _: None  # told what is changed in place
        self._plan: list[bool] = []

    def __iter__(self) -> Iterator[None]:
        for _ in range(MOST_WAYS):
            self.conditions, self.words, self.refused = [], [], None
            self.divisors, self.radicands = [], []
            yield
            answers = self._plan
            while answers and not answers[-1]:
                answers.pop()
            if not answers:
                return
            answers[-1] = False
        raise ProofError(f"more than {MOST_WAYS} ways through the branches")

    def refuse(self, reason: str, key: str = "unproved-code") -> ProofError:
        """
        Return the error for something that a proof cannot follow.

        It is remembered, as the code may catch it, and go on where no number would.
        """
        error = ProofError(reason, key)
        self.refused = self.refused or error
        return error

    def decide(self, condition: sympy.Basic) -> bool:
        """Answer a comparison: yes at first, no when the code is run again."""
        known = _answer(self.conditions, condition)
        if known is not None:
            return known
        place = len(self.conditions)
        if place == MOST_DECISIONS:
            raise self.refuse(_asking_code())
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
