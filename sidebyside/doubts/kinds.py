"""
# Numbers of other types, and arrays of other shapes

That `x − y` is a difference holds for floats. Of bytes it wraps around, `3 * x` is a longer list of
a list, and `full_like(x, 0.5)` holds zeros where x is whole. So a run is made again with inputs of
another type or shape, but for those of which the page says what they are: an argument that is
annotated, as in `x: float`, stays a float, and one that a list of symbols calls a float, too.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from copy import copy
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sidebyside.probing.noticed import is_input
from sidebyside.probing.replacing import replaced
from sidebyside.source.notation import Meaning, parsed, root

__all__ = ["AXES", "KINDS", "MEMORY", "Sayings", "Twins", "changed_kinds", "inside"]

# What is said of an argument with these words.
_ARRAYS = {"ndarray", "NDArray", "Tensor", "ArrayLike", "array", "Array"}
_FLOATS = {"float", "floats", "float16", "float32", "float64", "floating", "double", "doubles"}
_LISTS = {"list", "lists", "Sequence", "Iterable", "ArrayLike", "several", "data"}
_ANY = {"Any", "object"}
_CONTAINERS = {"dict", "Mapping", "list", "Sequence", "tuple", "str", "int"}
_VECTORS = {"vector", "vectors"}
# Words for what may be an array of bytes, or of truth values, also if runs have one float.
_OF_BYTES = {"picture", "pictures", "image", "images", "pixel", "pixels", "byte", "bytes", "array"}
_OF_TRUTHS = {"whether", "mask", "flag", "flags", "truth", "array"}
# How large whole numbers are: their sum and their square are bytes, too.
SMALL = 11
# The methods of tensors by which they become of another type.
_CONVERT = {"uint8": "byte", "bool": "bool", "float64": "double", "int64": "long"}

_INIT = "__init__"
Numbers = NDArray[Any]
SHAPES = "inputs that are arrays of one shape"
AXES = "inputs with one axis more"
MEMORY = "memory that is whole numbers"
BYTES = "inputs that are arrays of bytes"
TRUTHS = "inputs that are arrays of truth values"
LISTS = "inputs that are lists"
_HINTS = {BYTES: _OF_BYTES, TRUTHS: _OF_TRUTHS}


def _places(numbers: Numbers) -> Numbers:
    return np.arange(numbers.size).reshape(numbers.shape)


def _bytes(turn: int, numbers: Numbers) -> Numbers:
    whole = np.abs(np.rint(np.clip(numbers, -1e6, 1e6))) + 3 * turn + 7 * _places(numbers)
    return np.asarray(whole % SMALL, np.uint8)


def _truths(turn: int, numbers: Numbers) -> Numbers:
    return np.asarray((turn + _places(numbers)) % 3 > 0)


# Words for a change of the type or shape of all inputs, and what it makes of one of them, in which
# some numbers are; `turn` differs from call to call, and from input to input.
KINDS: Mapping[str, Callable[[int, Numbers], Numbers]] = {
    SHAPES: lambda turn, numbers: numbers,
    BYTES: _bytes,
    TRUTHS: _truths,
    AXES: lambda turn, numbers: np.stack([numbers, 0.7 * numbers[::-1] + 0.3 * turn]),
    LISTS: lambda turn, numbers: numbers,
    MEMORY: lambda turn, numbers: np.rint(numbers).astype(np.int64),
}


@dataclass(frozen=True)
class Said:
    """What a page says of one argument: the words of its annotation, and of the lists."""

    annotation: frozenset[str]
    words: frozenset[str]

    def keeps(self, value: Any, kind: str) -> bool:
        """Whether an input stays as it is when others are of some kind."""
        is_array = np.ndim(value) > 0
        all_said = self.annotation | self.words
        if kind == AXES and self.words & _VECTORS:
            return True
        if kind == LISTS:
            return not all_said & _LISTS
        if not is_array and self.annotation and not self.annotation & (_ARRAYS | _ANY):
            return True  # one number, as it says
        is_float = self.words & _FLOATS or (self.annotation & _ARRAYS and all_said & _FLOATS)
        return bool(is_float) and kind not in (SHAPES, AXES)


class Sayings:
    """What a page says of the arguments of a method."""

    def __init__(self, method: Callable[..., Any], meanings: Iterable[Meaning]) -> None:
        self.words: dict[str, set[str]] = {}
        for each in meanings:
            if each.code:
                code = ast.unparse(parsed(each.code))
                self.words.setdefault(code, set()).update(re.findall(r"\w+", each.text))
        self.annotations: dict[str, set[str]] = {}
        for name, parameter in inspect.signature(method).parameters.items():
            kind = parameter.annotation
            is_free = kind is parameter.empty or isinstance(kind, TypeVar)
            text = "" if is_free else inspect.formatannotation(kind)
            self.annotations[name] = {*re.findall(r"\w+", text)}

    def of(self, code: str) -> Said:
        """Return what is said of an argument, or of a part of one, as of `batch['x']`."""
        annotation = self.annotations.get(root(code), set())
        if root(code) != code:
            annotation = annotation - _CONTAINERS
        return Said(frozenset(annotation), frozenset(self.words.get(code, ())))

    def hints(self, code: str, value: Any, kind: str) -> bool:
        """Whether an input is an array, or a list of symbols speaks of one."""
        its = self.of(code)
        words = its.annotation | its.words
        return np.ndim(value) > 0 or bool(words & (_HINTS[kind] | _ARRAYS | _LISTS))


def inside(name: str, value: Any, change: Callable[[str, Any], Any]) -> Any:
    """
    Return a value, or a container, in which all values are changed, by the code for them.

    In a dictionary, or an object that is one in another form, only arrays are inputs; a number is
    a setting.
    """
    if type(value) is dict:
        arrays = {key: each for key, each in value.items() if _is_array(each)}
        return {**value, **{key: change(f"{name}[{key!r}]", each) for key, each in arrays.items()}}
    if type(value) in (list, tuple):
        parts = (inside(f"{name}[{n}]", each, change) for n, each in enumerate(value))
        return type(value)(parts)
    its = getattr(value, "__dict__", {})
    if its and all(_is_array(each) or isinstance(each, int | float | str) for each in its.values()):
        other = copy(value)
        arrays = {key: each for key, each in its.items() if _is_array(each)}
        vars(other).update({key: change(f"{name}.{key}", each) for key, each in arrays.items()})
        return other
    return change(name, value)


def _is_array(value: Any) -> bool:
    return is_input(value) and np.ndim(value) > 0


def changed_kinds(kind: str, turn: int, given: Mapping[str, Any], said: Sayings) -> dict[str, Any]:
    """
    Return the inputs of a call, of another kind.

    Raises `ValueError` where none of them may be another.
    """
    inputs: dict[str, Any] = {}
    for name, value in given.items():
        inside(name, value, inputs.__setitem__)
    inputs = {name: value for name, value in inputs.items() if is_input(value)}
    shape = max((np.shape(value) for value in inputs.values()), key=np.prod, default=())
    shape = shape if np.prod(shape) > 1 else (3,)
    free = [name for name in inputs if not said.of(name).keeps(inputs[name], kind)]
    if kind in _HINTS and not any(said.hints(name, inputs[name], kind) for name in free):
        free = []
    if not free:
        raise ValueError("no input may be of another kind")

    def other(name: str, value: Any) -> Any:
        if name not in free:
            return value
        numbers = KINDS[kind](turn + free.index(name), _filled(value, shape))
        return _like(value, numbers, kind)

    return {name: inside(name, value, other) for name, value in given.items()}


class Twins:
    """
    What stands for the memory of a run, and is whole numbers.

    `said` is what a page says of it; without, all stays as it is.
    """

    def __init__(self, memory: Collection[str], said: Sayings | None) -> None:
        self.memory, self.said = memory, said
        self.known: dict[int, tuple[Any, Any]] = {}  # by identity; with it, so that it lives on

    def of(self, value: Any, names: Collection[str]) -> Any:
        """Return what stands for a value that has one of some names."""
        if self.said and id(value) not in self.known and getattr(value, "grad", None) is None:
            for name in (each for each in names if each in self.memory):
                self._add(value, self.said.of(name))
        return self.known.get(id(value), (None, value))[1]

    def _add(self, value: Any, said: Said) -> None:
        if np.ndim(value) and is_input(value) and not said.keeps(value, MEMORY):
            twin = _like(value, KINDS[MEMORY](0, _filled(value, ())), MEMORY)
            self.known[id(value)] = (value, twin)

    @contextmanager
    def made(self, owner: type) -> Iterator[None]:
        """Let a class be made with arrays of whole numbers."""
        method: Callable[..., None] = getattr(owner, _INIT)

        @wraps(method)
        def init(this: Any, *given: Any, **named: Any) -> None:
            bound = inspect.signature(method).bind(this, *given, **named)
            said = Sayings(method, ())
            for name, value in [*bound.arguments.items()][1:]:
                self._add(value, said.of(name))
                bound.arguments[name] = self.of(value, ())
            method(*bound.args, **bound.kwargs)

        with replaced(owner, _INIT, init) if self.said else nullcontext():
            yield

    def refuse_none(self) -> None:
        """Raise `ValueError` where nothing stands for anything."""
        if self.said and not self.known:
            raise ValueError("no memory is an array of floats")


def _filled(value: Any, shape: tuple[int, ...]) -> Numbers:
    """The numbers of an input; those of one alone are several."""
    numbers = np.asarray(value.detach() if hasattr(value, "detach") else value, np.float64)
    if numbers.size > 1:
        return numbers
    places = np.arange(np.prod(shape)).reshape(shape)
    return np.asarray(numbers.ravel()[0] * (1 + 0.3 * places) + 0.1 * places)


def _like(value: Any, numbers: Numbers, kind: str) -> Any:
    """Some numbers as a list, an array or a tensor."""
    if kind == LISTS:
        return numbers.tolist()
    if not hasattr(value, "new_tensor"):
        return numbers
    tensor = value.detach().new_tensor(np.asarray(numbers, np.float64))
    return getattr(tensor, _CONVERT[str(numbers.dtype)])()
