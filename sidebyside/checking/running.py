"""
# Running a package

All configurations are run and recorded with numbers, to compare formulas with; and, where a formula
states a bound, with [attacks](../algebra/attacks.py).
"""

from __future__ import annotations

import inspect
import os
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sidebyside.algebra.agreement import is_bound
from sidebyside.algebra.attacks import ATTACK_STEPS, adversarial_gradients
from sidebyside.checking.package import Package
from sidebyside.checking.processes import ALONE, Team
from sidebyside.settings import Configuration, ConfigurationError, Run, Settings
from sidebyside.trace.recorder import EntryError
from sidebyside.trace.trace import Recording
from sidebyside.words.classes import Classes


def record_all(
    package: Package, configurations: Sequence[Configuration], run: Run, team: Team = ALONE
) -> tuple[list[Recording], list[str]]:
    """
    Run all configurations. Return the recordings, and a message for each that raised.

    Where a formula states a bound, each class is run again, with gradients that were made to break
    bounds: as it is made by default, and with other numbers for what the bound speaks of.
    """
    recorder = package.recorder()
    bounds = [each for each in package.wanted if each.kind != "mention" and is_bound(each.formula)]
    attacks = bool(bounds) and "gradients" in inspect.signature(run).parameters
    spoken_of = {word for each in bounds for word in package.meanings.words(each)}
    families, gradients = adversarial_gradients(ATTACK_STEPS)

    def record(plan: tuple[Configuration, Mapping[str, Any]]) -> Recording | str:
        each, options = plan
        drive = _driver(run, each, options)
        try:
            recording = recorder.record(drive, each.cls, each.label, each.arguments)
        except EntryError as error:
            raise ConfigurationError(f"{package.settings.name}: {error}") from None
        except Exception as error:  # whatever the checked code raises is a finding
            return _raised(each, error, package.settings)
        recording.families = tuple(families) if options else ()
        return recording

    plans: list[tuple[Configuration, Mapping[str, Any]]] = []
    for each in configurations:
        attacked = attacks and each.unusual <= spoken_of
        plans += [(each, {}), (each, {"gradients": gradients})] if attacked else [(each, {})]
    found = team.each(record, plans)
    for (each, _), recording in zip(plans, found, strict=True):
        if isinstance(recording, Recording):
            recording.owner, recording.arguments = each.cls, each.arguments
    recordings = [each for each in found if isinstance(each, Recording)]
    _refuse_no_steps(package.settings, recordings)
    failures = [each for each in found if isinstance(each, str)]
    if not failures:  # else what raised may be all that makes it
        _refuse_unmade(package, configurations, recordings)
    return recordings, failures


def _refuse_no_steps(settings: Settings, recordings: Sequence[Recording]) -> None:
    if recordings and not any(recording.steps for recording in recordings):
        raise ConfigurationError(
            f'{settings.name}: entry = "{settings.entry}": no configuration calls it; name the '
            f"method that takes one step, or let `run` in {settings.configurations} call it"
        )


def _refuse_unmade(
    package: Package, configurations: Sequence[Configuration], recordings: Sequence[Recording]
) -> None:
    """Refuse a class with formulas that takes steps, if it is made nowhere: all would be wrong."""
    made = {scope for each in configurations for scope in package.meanings.running(each.cls)}
    used = {(scope.path, scope.name) for scope in made}
    used |= {(f.path, f.name.partition(".")[0]) for each in recordings for f in each.reached}
    compared = [each for each in package.wanted if each.kind in ("line", "call", "row")]
    entry, driver = package.settings.entry, package.settings.configurations
    for module in package.modules:
        classes = Classes(module, package.modules)
        inside = [each for each in compared if each.path == module.path and not each.excuse]
        for name in dict.fromkeys(each.scope.name.partition(".")[0] for each in inside):
            if (module.path, name) not in used and classes.has(name, entry):
                raise ConfigurationError(
                    f"{module.path}: no configuration makes {name}; add it to {driver}"
                )


def _driver(
    run: Run, each: Configuration, options: Mapping[str, Any]
) -> Callable[[Callable[..., None]], object]:
    return lambda count: run(each.cls, each.arguments, count, **options)


def _raised(each: Configuration, error: Exception, settings: Settings) -> str:
    """What a configuration raised, and the innermost line of the package that it came through."""
    sources = {str((settings.root / path).resolve()) for path in settings.files()}
    passed = traceback.extract_tb(error.__traceback__)
    frames = [frame for frame in passed if os.path.realpath(frame.filename) in sources]
    where = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    raised = f"{type(error).__name__}{where}: {error}"
    return f"{settings.configurations}: {each.label} raised {raised}"
