"""
# Running a package

All configurations are run and recorded with numbers, to compare formulas with; and, where a formula
states a bound, with attacks.

## Attacks on bounds

`|θₜ − θₜ₋₁| ≤ α` is a claim about every sequence of gradients. No number of runs proves it, and one
refutes it. So a claim with `<`, `≤`, `>`, `≥` or `≠` is tried on gradients made to break it: the
families below have, in the papers' proofs and in practice, broken one optimizer or another.
Optimizers work elementwise, so one tensor holds all families, one in each element.
"""

from __future__ import annotations

import inspect
import os
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidebyside.algebra.agreement import is_bound
from sidebyside.checking.package import Package
from sidebyside.checking.processes import ALONE, Team
from sidebyside.checking.settings import Configuration, ConfigurationError, Run, Settings
from sidebyside.trace.recorder import EntryError
from sidebyside.trace.trace import Recording

# Long enough for every family of gradients to show what it is made for.
ATTACK_STEPS = 48
FEW = 12  # steps that an author takes, more or less


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
    found = team.each(record, plans, lambda plan: len(plan[1].get("gradients", range(FEW))))
    for (each, _), recording in zip(plans, found, strict=True):
        if isinstance(recording, Recording):
            recording.owner, recording.arguments = each.cls, each.arguments
    package.operations.share(team.all)
    recordings = [each for each in found if isinstance(each, Recording)]
    _refuse_no_steps(package.settings, recordings)
    return recordings, [each for each in found if isinstance(each, str)]


def _refuse_no_steps(settings: Settings, recordings: Sequence[Recording]) -> None:
    if recordings and not any(recording.steps for recording in recordings):
        raise ConfigurationError(
            f'{settings.name}: entry = "{settings.entry}": no configuration calls it; name the '
            f"method that takes one step, or let `run` in {settings.configurations} call it"
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


def adversarial_gradients(steps: int) -> tuple[list[str], NDArray[np.float64]]:
    """Return the names of the families, and their gradients: one row per step."""
    chance = np.random.default_rng(0)
    families: dict[str, Sequence[float] | NDArray[np.float64]] = dict(_families(steps))
    families["normal noise"] = chance.normal(size=steps)
    families["heavy-tailed noise"] = chance.standard_cauchy(size=steps)
    families["random signs"] = chance.choice([-1.0, 1.0], size=steps)
    families["noise over twelve orders of magnitude"] = chance.choice(
        [-1.0, 1.0], size=steps
    ) * 10.0 ** chance.uniform(-6, 6, size=steps)
    table = np.array([np.asarray(column, np.float64) for column in families.values()])
    return list(families), table.T


def _families(steps: int) -> Iterator[tuple[str, NDArray[np.float64]]]:
    t = np.arange(steps, dtype=np.float64)
    yield "constant", np.ones(steps)
    yield "zero", np.zeros(steps)
    yield "tiny and constant", np.full(steps, 1e-12)
    yield "huge and constant", np.full(steps, 1e12)
    yield "alternating signs", (-1.0) ** t
    yield "one spike at the start", np.where(t == 0, 1e3, 1e-3)
    yield "one spike after silence", np.where(t == steps - 1, 1.0, 0.0)
    yield "one spike in the middle", np.where(t == steps // 2, 1e6, 1.0)
    yield "sign flip half-way", np.where(t < steps // 2, 1.0, -1.0)
    yield "sparse", np.where(t % 5 == 4, 1.0, 0.0)
    yield "growing", 2.0**t
    # A running mean is largest, beside one of squares, if all that it remembers weighs the same:
    # if gradients grow as quickly as it forgets.
    for rate in (1.02, 1.05, 1.1, 1.15, 1.2, 1.3, 1.4, 1.6, 1.8):
        yield f"growing by {rate}", rate**t
        yield f"growing by {rate} until the last step", np.where(t < steps - 1, rate**t, 0.0)
    yield "shrinking", 0.5**t
    yield "enormous", (-1.0) ** (t // 3) * 1e100
    yield "next to nothing", np.where(t % 4 == 1, 5e-324, 1e-100)
    # What swings by itself swings most if it is pushed at its own pace.
    for pace in range(1, 64):
        wave = np.sign(np.sin(np.pi * pace * (t + 0.5) / 64))
        yield f"a square wave, {pace}/128 of it in a step", wave
    # Reddi et al. 2018, Theorem 1: on average uphill, yet Adam goes the other way.
    yield "3, −1, −1", np.where(t % 3 == 0, 3.0, -1.0)
