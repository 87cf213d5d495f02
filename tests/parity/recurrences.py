"""
The papers' algorithms, one number at a time, in plain Python arithmetic.

Written from the papers, not from any code. They also run on numbers of more than double precision
(mpmath's), since they use nothing but + − · / and powers. The options after `*` are the ways in
which implementations differ; their defaults are the papers' choices.
"""

from collections.abc import Iterable
from typing import Any

# A float, or anything that calculates like one.
Number = Any


def adam(
    grads: Iterable[Number],
    theta: Number,
    lr: Number,
    beta1: Number,
    beta2: Number,
    eps: Number,
    *,
    eps_beside: str = "corrected root",
    maximum_of: str | None = None,
) -> list[Number]:
    """
    Kingma and Ba 2014, Algorithm 1.

    Beside the uncorrected root, ε is where the faster order at the end of its Section 2 has it.
    With a maximum it is Reddi et al. 2018, Algorithm 2, with these bias corrections.
    """
    m = v = largest = 0 * theta
    path = []
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        c1, c2 = 1 - beta1**t, 1 - beta2**t
        if maximum_of == "corrected mean":
            largest = max(largest, v / c2)
            v_hat = largest
        else:
            largest = max(largest, v) if maximum_of == "uncorrected mean" else v
            v_hat = largest / c2
        if eps_beside == "corrected root":
            theta = theta - lr * m / c1 / (v_hat**0.5 + eps)
        else:
            theta = theta - lr * c2**0.5 / c1 * m / ((v_hat * c2) ** 0.5 + eps)
        path.append(theta)
    return path


def rectification(beta2: Number, t: int, threshold: Number) -> Number | None:
    """Liu et al. 2019, Algorithm 2: rₜ, or nothing while the variance is not tractable."""
    rho_inf = 2 / (1 - beta2) - 1
    rho = rho_inf - 2 * t * beta2**t / (1 - beta2**t)
    if rho <= threshold:
        return None
    return ((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho)) ** 0.5


def radam(
    grads: Iterable[Number],
    theta: Number,
    lr: Number,
    beta1: Number,
    beta2: Number,
    eps: Number,
    *,
    threshold: Number = 4,
    otherwise: str = "a step along m̂",
) -> list[Number]:
    """Liu et al. 2019, Algorithm 2. It has no ε; here it is where the authors' code has it."""
    m = v = 0 * theta
    path = []
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        m_hat = m / (1 - beta1**t)
        r = rectification(beta2, t, threshold)
        if r is not None:
            theta = theta - lr * r * m_hat * (1 - beta2**t) ** 0.5 / (v**0.5 + eps)
        elif otherwise == "a step along m̂":
            theta = theta - lr * m_hat
        path.append(theta)
    return path


def adabelief(
    grads: Iterable[Number],
    theta: Number,
    lr: Number,
    beta1: Number,
    beta2: Number,
    eps: Number,
    *,
    eps_inside: str = "every step",
    eps_beside: str = "corrected root",
    maximum_of: str | None = None,
    rectify: bool = False,
    otherwise: str = "a step along m̂",
) -> list[Number]:
    """
    Zhuang et al. 2020, Algorithm 2.

    ε is added inside the root at "every step" (the paper since 20 December 2020), "at use" (its
    version 2), or "never" (its version 1). With `rectify`, RAdam's factor and threshold 5, as in
    the authors' code.
    """
    m = s = largest = 0 * theta
    path = []
    for t, g in enumerate(grads, start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * (g - m) * (g - m)
        if eps_inside == "every step":
            s = s + eps
        largest = max(largest, s) if maximum_of == "uncorrected mean" else s
        inside = largest + eps if eps_inside == "at use" else largest

        m_hat = m / (1 - beta1**t)
        r = rectification(beta2, t, 5) if rectify else 1
        if r is None:
            theta = theta - lr * m_hat if otherwise == "a step along m̂" else theta
        elif eps_beside == "corrected root":
            s_hat = inside / (1 - beta2**t)
            theta = theta - lr * r * m_hat / (s_hat**0.5 + eps)
        else:
            theta = theta - lr * r * m_hat * (1 - beta2**t) ** 0.5 / (inside**0.5 + eps)
        path.append(theta)
    return path
