"""
# What a recording holds

Snapshots of names, in the order in which the code ran, and copies of numbers and tensors in them.
Tensors are recognized by what they can do, so torch is never imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import getitem
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sidebyside.trace.given import Given, Made

Leaf: TypeAlias = Callable[[Any], Any]

# Nothing can change these, so they need no copy.
PLAIN = (bool, int, float, str, type(None))


class _Nothing:
    """The mark for what cannot be kept: modules, functions, arbitrary objects."""

    def __reduce__(self) -> str:
        return "NOTHING"  # the only one, in other processes, too


NOTHING = _Nothing()

# The name under which a snapshot keeps what a function returned; no variable can be called so.
RETURN = "return"


def numpy_leaf(value: Any) -> Any:
    """
    Return a copy of a number or tensor that nobody else can change; `NOTHING` for all else.

    Complex numbers stay complex: no formula says what they are, and half of one is another number.
    Those with fewer digits than doubles keep their type, which tells how exact they are.
    """
    if hasattr(value, "detach") and hasattr(value, "numpy"):
        here = value.detach().cpu()
        known = here.is_complex() or here.element_size() > 2
        return _copied((here if known else here.float()).numpy())
    if isinstance(value, (np.ndarray, np.number)):
        return _copied(value)
    return value if isinstance(value, (*PLAIN, complex)) else NOTHING


def _copied(array: Any) -> Any:
    if array.dtype.kind == "c" or array.dtype == np.float32:
        return np.array(array)
    if array.dtype.kind not in "biufO":
        return NOTHING  # text and dates
    try:
        return np.array(array, dtype=np.float64)
    except (TypeError, ValueError):
        return NOTHING  # objects that are no numbers


@dataclass(eq=False)
class _Known:
    """A tensor that was copied: its numbers where they are, and how they were last."""

    tensor: Any
    here: NDArray[Any]
    home: Any
    bytes: bytes
    copy: Any


class Copies:
    """
    Copies the numbers and tensors of one run, as `leaf` does.

    Most have been copied before. Such a tensor is read where its memory is, which asks torch for
    little, and finds whatever has been written there, by whichever way.
    """

    def __init__(self, leaf: Leaf, keys: Collection[str] | None = None) -> None:
        self.leaf = leaf
        self.keys = keys
        # By identity; with the tensors, so that they stay alive.
        self._known: dict[int, _Known] = {}

    def __call__(self, value: Any) -> Any:
        """Return a copy that nobody else can change: the same one while the numbers are."""
        known = self._known.get(id(value))
        if known is not None and _home(value) == known.home:
            now = known.here.tobytes()
            if now != known.bytes:
                known.bytes, known.copy = now, np.array(known.here)
            return known.copy
        if not _is_plain(value):
            return self.leaf(value)
        here = value.detach().numpy()
        known = _Known(value, here, _home(value), here.tobytes(), np.array(here))
        self._known[id(value)] = known
        return known.copy

    def frozen(self, names: Mapping[str, Any]) -> dict[str, Any]:
        """Return copies of what all names stand for."""
        memo: dict[int, Any] = {}
        for value in () if self.keys is None else names.values():
            if type(value) is dict and id(value) not in memo:
                memo[id(value)] = NOTHING  # for a dictionary that contains itself
                memo[id(value)] = _frozen_dict(value, self, memo, self.keys)
        return _frozen_dict(names, self, memo)


def _is_plain(value: Any) -> bool:
    """Whether a value is a tensor of torch's own class in the memory of the CPU, and of floats."""
    kind = type(value)
    is_torch = kind.__module__.startswith("torch") and kind.__name__ in ("Tensor", "Parameter")
    kinds = ("torch.float32", "torch.float64")
    return is_torch and value.device.type == "cpu" and str(value.dtype) in kinds


def _home(tensor: Any) -> Any:
    """Where in memory the numbers of a tensor lie, and how."""
    return tensor.data_ptr(), tensor.shape, tensor.stride()


_PLAIN = frozenset(PLAIN)


def freeze(value: Any, leaf: Leaf, memo: dict[int, Any]) -> Any:
    """Return a copy of a value and all inside it; `memo` has what was copied already."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    key = id(value)
    if key not in memo:
        if kind not in _COPIES:
            _COPIES[kind] = _copy_of(kind)
        copy = _COPIES[kind]
        if copy is None:
            memo[key] = leaf(value)
        else:
            memo[key] = NOTHING  # for a container that contains itself
            memo[key] = copy(value, leaf, memo)
    return memo[key]


def _frozen_dict(
    value: Mapping[Any, Any],
    leaf: Leaf,
    memo: dict[int, Any],
    keys: Collection[str] | None = None,
) -> dict[str, Any]:
    """Copies of what is under texts: single values, and all else, or what is under some `keys`."""
    parts: dict[str, Any] = {}
    for key, part in value.items():
        if type(part) in _PLAIN:
            if isinstance(key, str):
                parts[key] = part
        elif (keys is None or key in keys) and isinstance(key, str):
            kept = freeze(part, leaf, memo)
            if kept is not NOTHING:
                parts[key] = kept
    return parts


def _frozen_list(value: Iterable[Any], leaf: Leaf, memo: dict[int, Any]) -> Any:
    return [freeze(part, leaf, memo) for part in value]


def _copy_of(kind: type) -> Callable[..., Any] | None:
    """How a container of some type is copied; None for all else."""
    if issubclass(kind, Mapping):
        return _frozen_dict
    return _frozen_list if issubclass(kind, tuple | list) else None


_COPIES: dict[type, Callable[..., Any] | None] = {}


def same(one: Any, other: Any) -> bool:
    """Whether two frozen numbers or arrays are equal; of all else it is not asked."""
    if one is other:
        return True
    arrays = isinstance(one, np.ndarray) and isinstance(other, np.ndarray)
    return not arrays or bool(one.shape == other.shape and (one == other).all())


def equal(one: Any, other: Any) -> bool:
    """Whether two frozen values are equal, all that is in them included."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return bool(np.array_equal(one, other))
    return bool(one is other or one == other)


@dataclass(frozen=True)
class Place:
    """Where something is in memory: under some keys, one in the other, of what a name is."""

    name: str
    keys: tuple[Any, ...] = ()

    @cached_property
    def code(self) -> str:
        """The place as Python code."""
        return self.name + "".join(f"[{key!r}]" for key in self.keys)

    def held_in(self, roots: Mapping[str, Any]) -> Any:
        """Return what is there now; raise `LookupError` if nothing is."""
        return reduce(getitem, self.keys, roots[self.name])


class Located(NamedTuple):
    """A tensor or a container, and where it is."""

    place: Place
    value: Any


def places(roots: Mapping[str, Any]) -> Iterator[Located]:
    """Yield each tensor and each container in memory, and where to find it."""
    for name, value in roots.items():
        yield from _inside(Located(Place(name), value))


def _inside(found: Located) -> Iterator[Located]:
    if isinstance(found.value, PLAIN):
        return  # Python uses one object for all equal small numbers: their identity says nothing
    yield found
    if isinstance(found.value, Mapping):
        for key, part in found.value.items():
            yield from _inside(Located(Place(found.place.name, (*found.place.keys, key)), part))


@dataclass(frozen=True)
class Function:
    """
    A function of an annotated file. `line` is its first line, decorators included.

    It is watched if something is to be kept of it: what its `chunks` leave behind, or, with
    `whole`, how it starts and what it returns.
    """

    path: str
    name: str
    line: int
    chunks: tuple[range, ...] = ()
    whole: bool = True


@dataclass(eq=False)
class Snapshot:
    """
    What the names in sight stood for at one moment.

    `memory` says which names are memory, and where that is at step entry: `m` is
    `state["exp_avg"]`.
    """

    names: dict[str, Any]
    memory: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class Call:
    """
    One call of a watched function. `exit` is None when it raised.

    `rebound` are the arguments whose names stood for something else when it returned, and
    `changed` those that were changed in place, though they are not memory.
    """

    function: Function
    entry: Snapshot
    exit: Snapshot | None = None
    rebound: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()


@dataclass(eq=False)
class Visit:
    """One execution of a chunk, and what things were when it was done."""

    lines: range
    after: Snapshot
    call: Call


@dataclass(eq=False)
class Step:
    """
    One step of one parameter, the t-th; `previous` is the same parameter's step before.

    `roots` are the arguments of the entry method that live on from step to step. `given` is what
    the user's call began with, and `param` what the entry method calls the parameter.
    """

    t: Any
    entry: Snapshot
    roots: tuple[str, ...]
    exit: Snapshot | None = None
    calls: list[Call] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    previous: Step | None = None
    given: Given | None = None
    param: str = ""

    @property
    def call(self) -> Call:
        """The call of the entry method."""
        return next(call for call in self.calls if call.entry is self.entry)


@dataclass(eq=False)
class Recording:
    """
    Everything kept of one run.

    `owner` is the class that ran, `arguments` how it was made, `label` says both for people.
    `made` is what the constructor was given, `changing` the attributes of the object that were not
    the same at the start of each step, memory apart. `truth` decides whether a condition on
    recorded values holds. `families` names the gradients, element by element, of a run that was
    made to break bounds.
    `reached` are the functions of annotated files that ran to take the steps. Those that only
    drive the steps, and wait while the entry method works, are the `drivers`. `lines` are the lines
    of watched functions that ran, `types` those of the numbers that steps were given, each with its
    shape.
    """

    owner: type
    label: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    truth: Callable[[Any], bool] = bool
    families: tuple[str, ...] = ()
    steps: list[Step] = field(default_factory=list)
    made: Made | None = None
    changing: set[str] = field(default_factory=set)
    reached: set[Function] = field(default_factory=set)
    drivers: set[Function] = field(default_factory=set)
    types: dict[str, None] = field(default_factory=dict)
    lines: set[tuple[str, int]] = field(default_factory=set)

    def __getstate__(self) -> dict[str, Any]:
        # Other processes know what they ran; how it is made may be of any kind.
        return {name: v for name, v in vars(self).items() if name not in ("owner", "arguments")}


def compact(recording: Recording) -> dict[str, Any]:
    """
    Return a recording as plain data, ready for JSON, for those who show what the code did.

    Each step starts with the names at its entry. Each event after it gives the lines that ran, the
    function, and the names whose values have changed since the event before.
    """
    functions = list(dict.fromkeys(v.call.function for s in recording.steps for v in s.visits))
    return {
        "owner": recording.owner.__qualname__,
        "label": recording.label,
        "functions": [{"path": each.path, "name": each.name} for each in functions],
        "steps": [
            {
                "t": step.t,
                "entry": _plain(step.entry.names),
                "events": list(_events(step, functions)),
            }
            for step in recording.steps
        ],
    }


def _events(step: Step, functions: list[Function]) -> Iterator[dict[str, Any]]:
    known = _plain(step.entry.names)
    for visit in step.visits:
        names = _plain(visit.after.names)
        yield {
            "lines": [visit.lines[0], visit.lines[-1]],
            "function": functions.index(visit.call.function),
            "changed": {n: v for n, v in names.items() if n not in known or known[n] != v},
        }
        known |= names


def _plain(value: Any) -> Any:
    """Arrays as lists, all else as it is."""
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if np.iscomplexobj(value):  # which JSON does not know
        return np.asarray(value).astype(str).tolist()
    return value.tolist() if isinstance(value, np.ndarray) else value
