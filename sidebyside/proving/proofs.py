"""
# Proofs

A claim is proved by checking it as always, over a recording in which every number is a symbol. The
real, unmodified methods take one step from a state that is any state at all: its running means are
symbols, and so are the gradient, the parameter, t, and every hyper-parameter that is not zero.
Switches are as configured, and a comparison in the code is answered both ways, one run for each. If
the formula minus what the code computed simplifies to 0, both agree for all numbers; and since the
state was arbitrary, at every step.

Functions such as `math.sqrt` take only real floats. While such a run lasts, the modules that are
watched see [others](mathematics.py) in their place.

## The ground of a proof

A symbolic run starts from any state, any gradient and any hyper-parameters. What else the code
looks at is as it happens to be in that run: an attribute that counts, a switch of the module, a
hyper-parameter that is 0. A proof must not stand on any of it, so it is looked for in the source of
the functions that ran.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from types import ModuleType
from typing import Any

import sympy

from sidebyside.algebra.domain import CUSTOMARY, Domain
from sidebyside.algebra.dots import NoValue
from sidebyside.algebra.expressions import exactly, is_zero, within
from sidebyside.algebra.following import signs_under
from sidebyside.algebra.signs import ALLOWED, Signs
from sidebyside.claims.chunks import functions_of
from sidebyside.formula import to_text
from sidebyside.formula.tree import EQUALITIES, Symbol
from sidebyside.proving.mathematics import symbolic_mathematics
from sidebyside.reasons import Reason
from sidebyside.source.sections import Module
from sidebyside.source.trees import real_path
from sidebyside.trace.recorder import Recorder, numpy_leaf
from sidebyside.trace.symbolic import (
    Branches,
    Opaque,
    ProofError,
    SymbolicNumber,
    SymbolicTensor,
    decided,
)
from sidebyside.trace.trace import NOTHING, Recording

Names = Mapping[str, Symbol]  # code such as `group["lr"]` and the symbol that the notation gives it
Found = tuple[Any, Any]  # a moment of a recording, and two sides or the reason why there are none

_POSITIVE = Domain(low=0, low_open=True)
_ANY = Domain()


@dataclass
class SymbolicRun:
    """
    One way through one step.

    `branches` says which comparisons were answered how, `numbers` are all hyper-parameters and t,
    each with its domain, `zeros` the hyper-parameters that are 0 and stay so. `conditions` are the
    comparisons as they were answered, `divisors` what the code divided by, `radicands` what it took
    roots and logarithms of. `unlisted` has the code of symbols that no list names, by their names.
    A run `is_driven` where what calls the entry method computes something, too; `alias` names the
    arrays that share memory in it. What it returns is `kept` by the object under this code, and
    `is_overwritten` by a later step.
    """

    recording: Recording
    branches: tuple[str, ...]
    numbers: Mapping[sympy.Symbol, Domain]
    zeros: frozenset[str] = frozenset()
    conditions: tuple[sympy.Basic, ...] = ()
    divisors: tuple[sympy.Expr, ...] = ()
    radicands: tuple[sympy.Expr, ...] = ()
    unlisted: Mapping[str, str] = field(default_factory=dict)
    is_driven: bool = False
    alias: str = ""
    kept: frozenset[str] = frozenset()
    is_overwritten: bool = False

    @property
    def decays(self) -> tuple[sympy.Symbol, ...]:
        """The numbers between 0 and 1."""
        return tuple(symbol for symbol, domain in self.numbers.items() if domain.decay)

    def holds(self, left: Any, sign: str, right: Any) -> bool:
        """Return whether `left sign right` is proved."""
        if sign in EQUALITIES:
            return self.agree(left, right)
        difference, allowed = exactly(left) - exactly(right), ALLOWED.get(sign)
        return allowed is not None and within(lambda: self.signs(difference) <= allowed)

    def signs(self, expression: sympy.Expr, given: Iterable[sympy.Basic] = ()) -> Signs:
        """Return the signs that an expression may have in this run, where more is `given`."""
        return self._signs((*self.conditions, *given), expression)

    def always(self, expression: sympy.Expr) -> Signs:
        """Return the signs that an expression may have, however the code has gone on."""
        return self._signs((), expression)

    def _signs(self, conditions: tuple[sympy.Basic, ...], expression: sympy.Expr) -> Signs:
        asked = expression.free_symbols.union(*(each.free_symbols for each in conditions))
        domains = frozenset((each, self.numbers.get(each, _ANY)) for each in asked)
        return _signs(conditions, expression, domains)

    def agree(self, left: Any, right: Any) -> bool:
        """Return whether two values are proved equal."""
        apart = exactly(left) - exactly(right)
        return apart == 0 or _is_zero(apart, self.decays)


# Many configurations ask the same question.
_is_zero = cache(is_zero)


@cache
def _signs(
    conditions: tuple[sympy.Basic, ...],
    expression: sympy.Expr,
    domains: frozenset[tuple[sympy.Symbol, Domain]],
) -> Signs:
    return signs_under(conditions, expression, dict(domains))


def symbolic_leaf(value: Any) -> Any:
    """Return what a recording keeps of a value: for a stand-in, its expression."""
    if isinstance(value, Opaque):
        return NOTHING
    return value.expression if isinstance(value, SymbolicNumber) else numpy_leaf(value)


def proof(
    comparisons: Iterable[Found],
    runs: Sequence[SymbolicRun],
    configurations: int = 1,
    own: Collection[str] | None = None,
) -> tuple[Reason, ...]:
    """
    Return for what a claim is proved; empty if it is not.

    The numbers that its `own` symbols only depend on, as a gradient does on the decay that was
    added to it, are told apart from those that it speaks of.

    `comparisons` are what the checker yields for the claim, with `to_sympy` for `evaluate`, over
    the recordings of `runs`. They must come from as many `configurations` as the claim was compared
    in with numbers, so that nothing was left out that SymPy could not follow.
    """
    run_of = {id(run.recording): run for run in runs}
    seen: dict[int, SymbolicRun] = {}
    numbers: dict[str, str] = {}
    try:
        for moment, found in comparisons:
            run = run_of[id(moment.recording)]
            if isinstance(found, NoValue) or not run.holds(found.code, found.sign, found.formula):
                return ()
            seen[id(run)] = run
            free = exactly(found.code).free_symbols | exactly(found.formula).free_symbols
            told = ((_shown(n), d) for n, d in run.numbers.items() if n in free)
            numbers |= {name: domain.of(name) for name, domain in told}
    except NoValue:
        return ()
    if len({run.recording.label for run in seen.values()}) < max(configurations, 1):
        return ()
    its = [told for name, told in numbers.items() if own is None or name in own]
    others = [told for name, told in numbers.items() if told not in its]
    proved = [Reason("for-all", {"symbols": its}) if its else Reason("for-all-values")]
    if others:
        proved.append(Reason("whatever", {"symbols": others}))
    answers = {answer: None for run in seen.values() for answer in run.branches}
    common = [each for each in answers if all(each in run.branches for run in seen.values())]
    if common:
        proved.append(Reason("steps", {"conditions": common}))
    return tuple(proved)


def _shown(number: sympy.Symbol) -> str:
    """What readers know a number by."""
    return str(number).removesuffix(" at entry")


def why_unproved(comparisons: Iterable[Found], runs: Sequence[SymbolicRun]) -> Reason:
    """Return why what a claim says cannot be proved by these runs."""
    run_of = {id(run.recording): run for run in runs}
    try:
        for moment, found in comparisons:
            run = run_of[id(moment.recording)]
            if isinstance(found, NoValue):
                return Reason("unproved-value")
            if not run.holds(found.code, found.sign, found.formula):
                if found.sign not in EQUALITIES:
                    return Reason("unproved-inequality")
                if run.alias:
                    return Reason("unproved-alias", {"code": run.alias})
                stated = exactly(found.formula).free_symbols
                others = {str(each) for each in exactly(found.code).free_symbols - stated}
                unlisted = sorted(run.unlisted[name] for name in others & run.unlisted.keys())
                if unlisted:
                    return Reason("unproved-depends", {"code": unlisted[0]})
                return Reason("unproved-algebra")
    except NoValue:
        return Reason("unproved-value")
    return Reason("unproved-unreached")


def symbolic_runs(
    owner: type,
    arguments: Mapping[str, Any],
    recorder: Recorder,
    names: Names,
    label: str = "",
    domains: Mapping[str, Domain] | None = None,
) -> Iterator[SymbolicRun]:
    """
    Yield a run for each way through one step of a class, made with these arguments.

    `recorder` must keep values with `symbolic_leaf`. Raises `ProofError` where the code does what a
    proof cannot follow.
    """
    branches = Branches()
    for _ in branches:
        setup = _Setup(branches, names, domains or {})
        with _whatever_fails(label):
            optimizer, given = setup.step(owner, arguments)
            before = dict(given[1]), given[2].expression
            with symbolic_mathematics(_watched(optimizer, recorder)):
                recording = recorder.record(
                    partial(take_step, optimizer, given, setup.t), owner, label, arguments
                )
            if branches.refused:
                raise branches.refused
            _refuse_changes(given, *before)
        recording.truth = partial(decided, tuple(branches.conditions))
        words = tuple(branches.words)
        facts = (
            tuple(branches.conditions),
            tuple(branches.divisors),
            tuple(branches.radicands),
        )
        yield SymbolicRun(recording, words, setup.numbers, frozenset(setup.zeros), *facts)


def _refuse_changes(given: Sequence[Any], settings: Mapping[str, Any], grad: sympy.Expr) -> None:
    """Raise `ProofError` where a step changes its inputs, or leaves a tensor under two names."""
    state, group, its_grad, param = given
    if its_grad.expression != grad:
        raise ProofError("grad", "unproved-shape")
    for key in group.keys() | settings.keys():
        if group.get(key) is not settings.get(key):
            raise ProofError(f'group["{key}"]', "unproved-shape")
    held = [its_grad, param]
    for key, value in state.items():
        if any(value is each for each in held):
            raise ProofError(f'state["{key}"]', "unproved-alias")
        held.append(value)


@contextmanager
def _whatever_fails(label: str) -> Iterator[None]:
    """Any code may run here, and meet symbols where it expects numbers: say where."""
    try:
        yield
    except ProofError:
        raise
    except Exception as error:
        raise ProofError(f"{label}: {error}") from error


def take_step(
    optimizer: Any, given: Sequence[Any], t: SymbolicNumber, count: Callable[..., None]
) -> None:
    """Do what the optimizer's `step` does with one parameter once everything is checked."""
    state, group, grad, param = given
    count(param, t.expression)
    state["step"] = SymbolicTensor(t.expression, t.branches)
    optimizer.step_param(state, optimizer.at_step(group, t), grad, param)


class _Setup:
    """Makes the symbols of one run."""

    def __init__(self, branches: Branches, names: Names, domains: Mapping[str, Domain]) -> None:
        self.branches, self.names, self.domains = branches, names, domains
        self.numbers: dict[sympy.Symbol, Domain] = {}
        self.zeros: set[str] = set()
        self.t = self.number("t", Domain(low=1, whole=True))

    def number(self, name: str, domain: Domain) -> SymbolicNumber:
        symbol = domain.symbol(name)
        self.numbers[symbol] = domain
        return SymbolicNumber(symbol, self.branches)

    def tensor(self, code: str) -> SymbolicTensor:
        symbol = self.names.get(code)
        name = to_text(symbol) if symbol else code
        return SymbolicTensor(_ANY.symbol(f"{name} at entry"), self.branches)

    def step(self, owner: type, arguments: Mapping[str, Any]) -> tuple[Any, Sequence[Any]]:
        """A real optimizer, and the state, group, gradient and parameter of any step of it."""
        import torch  # not before something is proved: pages are built without it

        param = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        optimizer = owner([param], **arguments)
        real_group = optimizer.param_groups[0]
        real_state: dict[str, Any] = {}
        optimizer.init_state(real_state, real_group, param)
        state = {key: self.tensor(f'state["{key}"]') for key in real_state}
        group = {
            key: self.hyper_parameter(f'group["{key}"]', value)
            for key, value in real_group.items()
            if key != "params"
        }
        self.zeros = {key for key, value in real_group.items() if _is_number(value) and value == 0}
        return optimizer, (state, group, self.tensor("grad"), self.tensor("param"))

    def hyper_parameter(self, code: str, value: Any) -> Any:
        if isinstance(value, tuple | list):
            return tuple(self.hyper_parameter(f"{code}[{n}]", part) for n, part in enumerate(value))
        # Zero switches something off, and stays zero.
        if not _is_number(value) or value == 0:
            return value
        symbol = self.names.get(code)
        usual = CUSTOMARY.get(symbol.name, _POSITIVE) if symbol else _POSITIVE
        domain = self.domains.get(code, next(d for d in (usual, _POSITIVE, _ANY) if value in d))
        if value not in domain:
            raise ProofError(f"`{code}` is {value}, which is not in {domain}")
        return self.number(to_text(symbol) if symbol else code, domain)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _watched(optimizer: Any, recorder: Recorder) -> list[ModuleType]:
    """The modules of an optimizer: those that are watched, and those of classes that have hooks."""
    owners = type(optimizer).__mro__
    hooked = {sys.modules[owner.__module__] for owner in owners if "at_step" in vars(owner)}
    modules = {sys.modules[owner.__module__] for owner in owners}
    watched = {m for m in modules if real_path(getattr(m, "__file__", "")) in recorder.paths}
    return [*(hooked | watched)]


@dataclass(frozen=True)
class Looks:
    """
    What the source of a function looks at: `attributes` of anything, `keys` and other texts.

    `outside` says how it looks at what is neither, in the module.
    """

    attributes: frozenset[str]
    keys: frozenset[str]
    outside: str


def hidden_state(recordings: Iterable[Recording], named: Collection[str]) -> dict[type, set[str]]:
    """
    Return the attributes of each class that are neither memory nor `named` by a page.

    They changed from step to step, or are numbers of the class, which anybody may change.
    """
    found: dict[type, set[str]] = {}
    for recording in recordings:
        owner = recording.owner
        parts = [item for base in owner.__mro__ for item in vars(base).items()]
        numbers = {name for name, value in parts if type(value) in (int, float)}
        found.setdefault(owner, set()).update(recording.changing, numbers - {*named})
    return found


def looks_of(
    modules: Sequence[Module], runs: Sequence[SymbolicRun]
) -> dict[tuple[str, int], Looks]:
    """Return what the functions of some modules look at that ran, by file and first line."""
    ran = {(each.path, each.line) for run in runs for each in run.recording.reached}
    found: dict[tuple[str, int], Looks] = {}
    for module in modules:
        values = {*_values(module.tree)}
        for _, first, node in functions_of(module.tree):
            if (module.path, first) in ran:
                found[module.path, first] = _looks(node, values)
    return found


def ungrounded(
    recording: Recording,
    looks: Mapping[tuple[str, int], Looks],
    hidden: Mapping[type, set[str]],
) -> str:
    """Return on what a run depends that is not a symbol in it; empty if on nothing."""
    changing = hidden.get(recording.owner, set())
    for each in _reached(recording, looks):
        if each.outside:
            return each.outside
        if each.attributes & changing:
            return f"`self.{min(each.attributes & changing)}` is no symbol"
    return ""


def read_keys(recording: Recording, looks: Mapping[tuple[str, int], Looks]) -> set[str]:
    """Return the texts in the functions that ran: the keys that they read are among them."""
    return {key for each in _reached(recording, looks) for key in each.keys}


def _reached(recording: Recording, looks: Mapping[tuple[str, int], Looks]) -> Iterator[Looks]:
    return (looks[each.path, each.line] for each in recording.reached)


def _looks(node: ast.AST, values: set[str]) -> Looks:
    attributes, keys, outside = set(), set(), ""
    for inside in ast.walk(node):
        if isinstance(inside, ast.Attribute):
            attributes.add(inside.attr)
        elif isinstance(inside, ast.Constant) and isinstance(inside.value, str):
            keys.add(inside.value)
        elif isinstance(inside, ast.Global | ast.Nonlocal):
            outside = f"`{ast.unparse(inside)}`"
    for test in _tests(node):
        named = {each.id for each in ast.walk(test) if isinstance(each, ast.Name)} & values
        if named:
            outside = f"a branch asks for `{min(named)}` of the module"
    return Looks(frozenset(attributes), frozenset(keys), outside)


def _values(tree: ast.Module) -> Iterator[str]:
    """The names of a module that stand for values, not for functions, classes or modules."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))


def _tests(node: ast.AST) -> Iterator[ast.expr]:
    """The conditions that decide what a function does."""
    for inside in ast.walk(node):
        if isinstance(inside, ast.If | ast.IfExp | ast.While | ast.Assert):
            yield inside.test
        elif isinstance(inside, ast.Match):
            yield inside.subject
        elif isinstance(inside, ast.BoolOp):
            yield inside
        elif isinstance(inside, ast.comprehension):
            yield from inside.ifs
