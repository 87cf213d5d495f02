"""
# How sure we are

A few runs with different seeds scatter. Three numbers say what they tell: the mean, its standard
error, and an interval for the difference of two optimizers.

Optimizers are compared seed by seed. Seed 3 gives both the same initial weights and the same
batches, so what one of them owes to a lucky start, so does the other. In the difference of the two
it cancels.

Everything is computed with Python's own library, so that the site is built without a heavier one. A
test compares it with scipy.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


def standard_error(values: Sequence[float]) -> float:
    """
    ## The standard error of a mean

        e ← d / √n

    * $d$ is the standard deviation of the values, estimated from them
    * $n$ is how many there are; 2 or more
    """
    return statistics.stdev(values) / math.sqrt(len(values))


def t_cdf(t: float, freedom: int) -> float:
    """
    ## Student's t distribution: how likely a value below t is

    For a whole number of degrees of freedom it is a finite sum of powers of a cosine (Abramowitz
    and Stegun, *Handbook of Mathematical Functions*, 26.7.3 and 26.7.4).
    """
    angle = math.atan2(t, math.sqrt(freedom))
    cosine = math.cos(angle)
    odd = freedom % 2
    # Each term is the one before it, times the cosine squared and a ratio of neighbors.
    term, total = cosine if odd else 1.0, 0.0
    for k in range(1 + odd, freedom, 2):
        total += term
        term *= cosine**2 * k / (k + 1)
    both = math.sin(angle) * total
    if odd:
        both = 2 / math.pi * (angle + both)
    return 0.5 + both / 2


def t_quantile(p: float, freedom: int) -> float:
    """
    ## The value that Student's t stays below with probability p

    By bisection: `t_cdf` rises, so the place where it reaches p can be closed in on.
    """
    low, high = -1e6, 1e6
    while high - low > 1e-10 * max(1.0, abs(low)):
        middle = (low + high) / 2
        if t_cdf(middle, freedom) < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@dataclass(frozen=True)
class Interval:
    """
    ## A mean, and how far off it may be

    * `mean`: the mean
    * `low`, `high`: the ends of its confidence interval
    """

    mean: float
    low: float
    high: float

    @property
    def sign(self) -> int:
        """### −1 or 1 when the whole interval lies below or above zero, else 0: cannot tell"""
        return (self.low > 0) - (self.high < 0)


def interval(values: Sequence[float], comparisons: int = 1, confidence: float = 0.95) -> Interval:
    """
    ## The confidence interval of a mean

    * `comparisons`: how many intervals are looked at together. Of twenty intervals of 95 %, one is
      expected to be wrong. So each is made wider, until *all* of them are right with 95 %
      (Bonferroni).
    """
    mean, error = statistics.fmean(values), standard_error(values)
    tail = (1 - confidence) / 2 / comparisons
    reach = t_quantile(1 - tail, len(values) - 1) * error
    return Interval(mean, mean - reach, mean + reach)


def paired(ours: Sequence[float], theirs: Sequence[float], comparisons: int = 1) -> Interval:
    """
    ## The difference of two optimizers, seed by seed

    `ours` minus `theirs`, both in the order of the seeds. Raises `ValueError` when one has more
    values than the other.
    """
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    return interval(differences, comparisons)
