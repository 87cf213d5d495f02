"""Numbers, intervals and tables, as a person writes them."""

from __future__ import annotations

import math

from experiments.charts import MINUS
from experiments.statistics import Interval, standard_error
from experiments.summary import mean, numbers
from sidebyside.translating.editions import Say

NO_BREAK = "\N{NO-BREAK SPACE}"


def number(value: float | None, digits: int = 3) -> str:
    """A number as a person writes it, with as many digits as mean something."""
    if value is None or not math.isfinite(value):
        return "–"
    if value and not 1e-3 <= abs(value) < 1e5:
        text = f"{value:.{digits}g}".replace("e-0", "e-")
    else:
        places = max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0
        text = f"{value:.{places}f}"
    return text.replace("-", MINUS)


def setting(value: float) -> str:
    return f"{value:g}".replace("e-0", "e-")


def between(found: Interval | None) -> str:
    """
    A difference with its interval, with two digits of what it may be off by; more where an end of
    an interval beside zero would be written as 0.
    """
    if found is None:
        return "–"
    reach = (found.high - found.low) / 2
    places = max(0, 1 - math.floor(math.log10(reach))) if reach else 2
    if found.sign:
        nearest = min(abs(found.low), abs(found.high))
        while round(nearest, places) == 0:
            places += 1
    # Adding 0 turns −0 into 0.
    values = (
        f"{round(value, places) + 0:.{places}f}" for value in (found.mean, found.low, found.high)
    )
    middle, low, high = (value.replace("-", MINUS) for value in values)
    # A line may end before the interval, not within it.
    return f"{middle} [{low},{NO_BREAK}{high}]"


def markdown(columns: list[str], rows: list[list[str]], right: int = 99) -> str:
    """A table; columns from number `right` on are aligned to the right."""
    rules = ["--:" if i >= right else "---" for i in range(len(columns))]
    return "\n".join(f"| {' | '.join(line)} |" for line in [columns, rules, *rows])


def plus_minus(values: list[float | None], say: Say) -> str:
    """Mean ± standard error; or how many runs came to nothing."""
    good = numbers(values)
    if len(good) < len(values):
        diverged = len(values) - len(good)
        return say("{diverged} of {all} runs diverged", diverged=diverged, all=len(values))
    error = standard_error(good)
    text = f"{number(mean(values))} ± 0"
    if error:
        places = max(0, 1 - math.floor(math.log10(error)))
        text = f"{mean(values):.{places}f} ± {error:.{places}f}".replace("-", MINUS)
    return text.replace(" ", NO_BREAK)
