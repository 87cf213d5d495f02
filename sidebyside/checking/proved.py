"""
# What can be proved of the claims of a package

Classes that step as ours do are driven through their hooks; any other class through its entry
method. A claim is proved if it holds on symbols in as many configurations as with numbers. Where it
is not, the reason is told.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sidebyside.algebra.domain import Domain, domain_of, has_plain_bounds
from sidebyside.checking.package import Package
from sidebyside.claims.chunks import functions_of
from sidebyside.claims.claims import Claim
from sidebyside.formula import to_text
from sidebyside.formula.tree import Call, Divide, Power, Root, Symbol, walk
from sidebyside.judging.checker import Checker
from sidebyside.judging.verdicts import Reasons, Verdict
from sidebyside.proving.any_step import Project, Steps, runs_of_any_step
from sidebyside.proving.driven import steps_as_ours
from sidebyside.proving.on_symbols import fixed_argument, is_any_call, may_be_proved, of_runs
from sidebyside.proving.poles import Compared, Poles, poles
from sidebyside.proving.proofs import (
    Found,
    Looks,
    SymbolicRun,
    hidden_state,
    looks_of,
    proof,
    read_keys,
    symbolic_leaf,
    symbolic_runs,
    ungrounded,
    why_unproved,
)
from sidebyside.proving.provable import facts_of
from sidebyside.reasons import Reason
from sidebyside.settings import Configuration, Run
from sidebyside.source.notation import Meaning, Scope
from sidebyside.source.trees import real_path
from sidebyside.trace.captured import captured
from sidebyside.trace.symbolic import ProofError
from sidebyside.trace.trace import Recording

__all__ = ["Proofs", "prove"]


@dataclass
class Proofs:
    """
    What became of the claims, by their place among the verdicts.

    For what each is `proved`; why one is `refused`, as its code has a pole that no formula has; and
    why another is `unproved`.
    """

    proved: dict[int, Reasons] = field(default_factory=dict)
    refused: dict[int, Reasons] = field(default_factory=dict)
    unproved: dict[int, Reason] = field(default_factory=dict)


def prove(
    package: Package,
    configurations: Sequence[Configuration],
    verdicts: Sequence[Verdict],
    recordings: Sequence[Recording],
    run: Run | None = None,
) -> Proofs:
    """
    Prove what can be proved of claims for all numbers.

    `recordings` are those with numbers: they show what changes from step to step. `run` takes the
    steps of a class that is not one of our kind; without it, there is no proof for such a class.
    """
    places = [place for place, verdict in enumerate(verdicts) if _may_be_proved(verdict)]
    told = [place for place, verdict in enumerate(verdicts) if may_be_proved(verdict)]
    symbolic = _Symbolic(package, configurations, recordings, run)
    runs = symbolic.runs() if places or told else []
    checker = Checker(package.meanings, [each.recording for each in runs])
    meanings = package.meanings.notation.meanings
    bounds = [m.domain for m in meanings if m.code and m.domain and not has_plain_bounds(m.domain)]
    divisors: dict[Any, bool] = {}
    known = Poles({id(r.recording): (r, poles(r, bounds, divisors)) for r in runs}, bounds)
    for claim in package.claims if package.only and places else ():
        if not package.is_wanted(claim.path) and _may_take_a_root(claim):
            known.compared(claim, checker)  # what is said elsewhere of the same runs
    compared = {n: known.compared(verdicts[n].claim, checker) for n in places}
    found = Proofs()
    for place, comparisons in compared.items():
        verdict = verdicts[place]
        its = comparisons.comparisons
        ours = [each for each in its if steps_as_ours(each[0].recording.owner)]
        if reason := known.reason(ours):
            found.refused[place] = (reason,)
            continue
        about_kept = symbolic.overwritten(verdict.claim, its, runs)
        why = symbolic.of_callers(verdict.claim, its, runs)
        proved = () if about_kept or why else _proved(verdict, comparisons, runs, known)
        if proved:
            found.proved[place] = proved
        else:
            found.unproved[place] = why or symbolic.reason(verdict.claim, comparisons, runs, known)
    numbers = Checker(package.meanings, recordings) if told else checker
    for place in told:
        its, proved = of_runs(verdicts[place], numbers, checker, runs)
        is_plain = not known.stand_between(Compared(its)) and not _are_driven(its, runs)
        if proved and is_plain and not _overwritten(its, runs):
            found.proved[place] = proved
        else:
            key = "sentence" if verdicts[place].claim.kind == "statement" else "inequality"
            found.unproved[place] = Reason(f"unproved-{key}")
    return found


def _may_take_a_root(claim: Claim) -> bool:
    """Whether a claim about code may have no real number somewhere."""
    if claim.kind not in ("line", "call", "row") or claim.formula is None or claim.excuse:
        return False
    return any(isinstance(each, Root | Power | Divide | Call) for each in walk(claim.formula))


def _proved(
    verdict: Verdict, compared: Compared, runs: Sequence[SymbolicRun], known: Poles
) -> Reasons:
    """For what a claim is proved; empty if it is not."""
    if verdict.claim.kind == "row" and _are_driven(compared.comparisons, runs):
        return ()
    if known.stand_between(compared):
        return ()
    tree = verdict.claim.formula
    own = {to_text(each) for each in walk(tree) if isinstance(each, Symbol)} if tree else set()
    return proof(compared.comparisons, runs, verdict.runs, own)


def _are_driven(comparisons: Sequence[Found], runs: Sequence[SymbolicRun]) -> bool:
    """Whether what calls the entry method, in one of some runs, computes something, too."""
    driven = {id(each.recording) for each in runs if each.is_driven}
    return any(id(moment.recording) in driven for moment, _ in comparisons)


def _overwritten(comparisons: Sequence[Found], runs: Sequence[SymbolicRun]) -> frozenset[str]:
    """What is kept of what steps return, and overwritten by a later one."""
    of = {id(each.recording): each.kept for each in runs if each.is_overwritten}
    return frozenset().union(*(of.get(id(moment.recording), ()) for moment, _ in comparisons))


@dataclass
class _Symbolic:
    """The runs on symbols of all configurations, and why there are none of some, by label."""

    package: Package
    configurations: Sequence[Configuration]
    recordings: Sequence[Recording]
    run: Run | None
    failed: dict[str, ProofError] = field(default_factory=dict)

    def runs(self) -> list[SymbolicRun]:
        """The runs on symbols."""
        ours = [each for each in self.configurations if steps_as_ours(each.cls)]
        others = [each for each in self.configurations if not steps_as_ours(each.cls)]
        found = list(self.of_our_kind(ours)) if ours else []
        return found + (list(self.of_any_kind(others, self.run)) if others and self.run else [])

    def of_our_kind(self, configurations: Sequence[Configuration]) -> Iterator[SymbolicRun]:
        """The runs of classes that step as ours do."""
        recorder = self.package.whole().recorder(symbolic_leaf)
        names, domains = _said(self.package.meanings.notation.meanings)
        runs: list[SymbolicRun] = []
        for each in configurations:
            known = names, each.label, domains
            try:
                # All ways through a step, or none: what is left out of one is not proved.
                runs += [*symbolic_runs(each.cls, each.arguments, recorder, *known)]
            except ProofError as error:
                self.failed[each.label] = error
        hidden = hidden_state(self.recordings, {code.removeprefix("self.") for code in names})
        yield from _grounded(runs, looks_of(self.package.modules, runs), hidden)

    def of_any_kind(
        self, configurations: Sequence[Configuration], run: Run
    ) -> Iterator[SymbolicRun]:
        """The runs of other classes."""
        settings, is_project = self.package.settings, self.package.is_code
        files = _files(is_project)
        loaded, root = {real_path(each) for each in files}, settings.root
        written = {real_path(str(root / each.path)) for each in self.package.whole().modules}
        facts = facts_of([*files, *sorted(written - loaded)])
        project = Project(settings.entry, settings.memory, facts, is_project)
        recorder = self.package.whole().recorder(symbolic_leaf)
        known: list[Steps] = []
        for each in configurations:
            taken = captured(run, each.cls, each.arguments, settings.entry, is_project)
            said = _said(self.meanings(each.cls))
            known.append(Steps(each, taken, project, *said))
        for steps in _with_idle(known):
            try:
                yield from runs_of_any_step(steps, recorder)
            except ProofError as error:
                self.failed[steps.configuration.label] = error

    def meanings(self, owner: type) -> list[Meaning]:
        """The lines of lists that are about a class and its methods."""
        running = self.package.meanings.running(owner)
        homes = {(each.path, each.name) for each in running}
        return [
            meaning
            for meaning in self.package.meanings.notation.meanings
            for path, name in [(meaning.scope.path, meaning.scope.name)]
            if (path, name) in homes or (path, name.rpartition(".")[0]) in homes or not name
        ]

    def overwritten(
        self, claim: Claim, comparisons: Sequence[Found], runs: Sequence[SymbolicRun]
    ) -> frozenset[str]:
        """What is returned, and overwritten later, unless a claim is about memory itself."""
        tree, memory = claim.formula, self.package.settings.memory
        symbols = (each for each in walk(tree) if isinstance(each, Symbol)) if tree else iter(())
        first = next(symbols, None)
        owners = {moment.recording.owner for moment, _ in comparisons}
        codes = {
            meaning.code
            for owner in owners
            for meaning in self.meanings(owner)
            if meaning.symbol == first
        }
        is_of_memory = codes and all(code.startswith(memory) for code in codes)
        return frozenset() if is_of_memory else _overwritten(comparisons, runs)

    def unmade(self, owner: type) -> str:
        """The name of a class that extends another one, does something else, and is not run."""
        made = {each.cls for each in self.configurations}
        shown = {scope for each in made for scope in self.package.meanings.running(each)[:1]}
        notation, its = self.package.meanings.notation, self.package.meanings.running(owner)[:1]
        for scope in notation.bases:
            if scope not in shown and {*its} & {*notation.lineage(scope)[1:]} and self.does(scope):
                return scope.name
        return ""

    def does(self, scope: Scope) -> bool:
        """Whether a class of the sources has methods of its own."""
        module = next(each for each in self.package.modules if each.path == scope.path)
        names = (name for name, _, _ in functions_of(module.tree))
        return any(name.rpartition(".")[0] == scope.name for name in names)

    def of_callers(
        self, claim: Claim, comparisons: Sequence[Found], runs: Sequence[SymbolicRun]
    ) -> Reason | None:
        """Why what is true of the calls in steps may be false of others; None if it is not."""
        for owner in dict.fromkeys(moment.recording.owner for moment, _ in comparisons):
            if name := self.unmade(owner):
                return Reason("unproved-subclass", {"name": name})
        if claim.kind == "row":
            return None
        run_of = {id(each.recording): each for each in runs}
        words = self.package.meanings.words(claim)
        for moment, _ in comparisons:
            if reason := fixed_argument(moment):
                return reason
            is_method = moment.call is None or "." in moment.call.function.name
            if not is_method and not is_any_call(moment, run_of[id(moment.recording)], words):
                return Reason("unproved-sentence")
        return None

    def reason(
        self,
        claim: Claim,
        compared: Compared,
        runs: Sequence[SymbolicRun],
        known: Poles,
    ) -> Reason:
        """Return why a claim is not proved."""
        why = why_unproved(compared.comparisons, runs)
        if why.key != "unproved-unreached":
            return why
        if known.stand_between(compared):
            return Reason("unproved-pole")
        if kept := self.overwritten(claim, compared.comparisons, runs):
            return Reason("unproved-alias", {"code": f"return, {min(kept)}"})
        if claim.kind == "row" and _are_driven(compared.comparisons, runs):
            return Reason("unproved-driver", {"code": self.package.settings.entry})
        errors = (Reason(each.key, {"code": str(each)}) for each in self.failed.values())
        return next(errors, why)


def _files(is_project: Callable[[str], bool]) -> list[str]:
    """The files of a project's modules that are loaded."""
    files = {getattr(each, "__file__", None) for each in list(sys.modules.values())}
    return sorted(file for file in files if file and is_project(file))


def _said(meanings: Sequence[Meaning]) -> tuple[dict[str, Symbol], dict[str, Domain]]:
    """The symbols that lists give to code, and their domains."""
    names = {each.code: each.symbol for each in meanings if each.code}
    bounded = [m for m in meanings if m.code and m.domain and has_plain_bounds(m.domain)]
    return names, {m.code: domain_of(m.domain)[1] for m in bounded if m.domain}


def _with_idle(known: Sequence[Steps]) -> Iterator[Steps]:
    """Let settings that are 0 stay 0, if they are something else in another configuration."""
    always: dict[type, set[str]] = {}
    for steps in known:
        owner = steps.configuration.cls
        always[owner] = always.get(owner, steps.zeros()) & steps.zeros()
    for steps in known:
        idle = steps.zeros() - always[steps.configuration.cls]
        yield replace(steps, idle=frozenset(idle))


def _grounded(
    runs: Sequence[SymbolicRun],
    looks: Mapping[tuple[str, int], Looks],
    hidden: Mapping[type, set[str]],
) -> Iterator[SymbolicRun]:
    """Those configurations in which all that the code looks at is a symbol, or a switch."""
    zeros: dict[type, frozenset[str]] = {}
    for run in runs:
        owner = run.recording.owner
        zeros[owner] = zeros.get(owner, run.zeros) & run.zeros
    left_out = {
        run.recording.label
        for run in runs
        if zeros[run.recording.owner] & read_keys(run.recording, looks)
        or ungrounded(run.recording, looks, hidden)
    }
    yield from (run for run in runs if run.recording.label not in left_out)


def _may_be_proved(verdict: Verdict) -> bool:
    """Whether a formula was compared with code, and says what that computes."""
    is_compared = verdict.status in ("tried", "definition") and verdict.times > 0
    return is_compared and not may_be_proved(verdict) and verdict.claim.kind != "statement"
