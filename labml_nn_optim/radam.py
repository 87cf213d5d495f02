"""
# RAdam, rectified Adam

Practitioners learned early that Adam wants a *warm-up*: begin with a tiny learning rate and raise
it over the first thousand steps, or training may never recover. In the paper's example, a
transformer that translates, leaving the warm-up out raises the training loss from 3 to about 10
(Section 1 and Figure 1). RAdam asks why, and derives the warm-up instead of tuning it.

The culprit is the denominator. At the first step, $v̂₁$ is the square of a single gradient. If that
gradient happens to be close to zero, it is multiplied by an enormous factor, $α / √v̂₁$, and the
parameter moves as far as all others, for no good reason. A factor learned from few samples has a
large *variance*. It settles only when $vₜ$ has seen enough gradients.

So RAdam computes how large the variance is at step t, relative to what it will be in the long run,
and shrinks the step by the square root of that ratio. During the first steps the formula for the
variance is of no use, and RAdam does without the denominator altogether.

The derivation stands beside [the method that computes the
ratio](radam.py#RAdam.calc_rectification_term). It takes a page, and nothing but the mean and the
variance of a known distribution. A notebook [simulates it](../docs/notebooks/why_rectify.md).

## Is that the reason?

It is contested. Ma and Yarats write that they refute the analysis. They explain the need for a
warm-up by the length of Adam's steps: the first one is $α$ for every parameter. Under pure noise
later ones are much shorter, by our count $0.23·α$ (root mean square). And they find that plain Adam
does about as well as RAdam when the step size rises in proportion to t over the first $2/(1 − β₂)$
steps, 2000 of them for $β₂ = 0.999$. Nobody has to tune that, either. [A
curve](../docs/notebooks/why_rectify.md#an-older-remedy) shows both: in the long run they are alike,
in the first hundreds of steps RAdam's $rₜ$ is several times the larger. So take the derivation
for a calculation that is right under its assumptions, and not for the last word on why warm-ups
help.

## What differs elsewhere

Let $ρₜ$ be the number of gradients that $vₜ$ has seen by step t, in a sense made precise below. The
paper rectifies when $ρₜ > 4$. At 4 the approximation that it makes breaks down, and just above it
is poor. So its authors' code waits for 5, torch does too, and so do we. The authors' code and torch
put $ε$ beside the root of the *uncorrected* $vₜ$, and here too we follow them. `degenerate_to_sgd`
says what happens during the first steps: move along $m̂ₜ$, as in the paper, in torch and by
default, or wait, as in the authors' code, where the switch is off by default. More in [how
implementations differ](../docs/differences.md).

## When to use it

When you would rather not choose a warm-up. In our short trainings, where its steps are held back
to the end, it forgave [a step size that is too large](../docs/guide.md#which-one) better than Adam
did, and punished one that is too small: at 1e-3 it read 54% of the digits, and Adam 88%. So begin
at 1e-2. The price is a slow start, and five first steps that grow with the gradient. Where
gradients are large, turn `degenerate_to_sgd` off.

```python
from labml_nn_optim import RAdam

optimizer = RAdam(model.parameters(), lr=1e-2)  # more than for Adam: it holds back
```

## Source

Liyuan Liu, Haoming Jiang, Pengcheng He, Weizhu Chen, Xiaodong Liu, Jianfeng Gao and Jiawei Han, *On
the Variance of the Adaptive Learning Rate and Beyond*, 2019,
[arXiv:1908.03265](https://arxiv.org/abs/1908.03265), Algorithm 2. Its authors' code is
[`radam/radam.py`](https://github.com/LiyuanLucasLiu/RAdam/blob/5fad7b1/radam/radam.py). The reply:
Jerry Ma and Denis Yarats, *On the adequacy of untuned warmup for adaptive optimization*, 2019,
[arXiv:1910.04209](https://arxiv.org/abs/1910.04209).

```bibtex
@inproceedings{liu2020variance,
  title     = {On the Variance of the Adaptive Learning Rate and Beyond},
  author    = {Liu, Liyuan and Jiang, Haoming and He, Pengcheng and Chen, Weizhu and
               Liu, Xiaodong and Gao, Jianfeng and Han, Jiawei},
  booktitle = {International Conference on Learning Representations},
  year      = {2020},
  eprint    = {1908.03265}
}
```
"""

from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

from labml_nn_optim.amsgrad import AMSGrad
from labml_nn_optim.checks import switches
from labml_nn_optim.rule import Group, Number, State
from labml_nn_optim.weight_decay import WeightDecay


class RAdam(AMSGrad):
    """
    ## The algorithm

    Adam's step times $rₜ$, from the step on at which $ρₜ > 5$, the sixth for $β₂ = 0.999$.

    When `rectification is not None`:

        mₜ ← β₁·mₜ₋₁ + (1 − β₁)·gₜ
        vₜ ← β₂·vₜ₋₁ + (1 − β₂)·gₜ²
        ρ_∞ ← 2 / (1 − β₂) − 1
        ρₜ ← ρ_∞ − 2·t·β₂ᵗ / (1 − β₂ᵗ)
        rₜ ← √((ρₜ − 4)·(ρₜ − 2)·ρ_∞ / ((ρ_∞ − 4)·(ρ_∞ − 2)·ρₜ))
        θₜ ← θₜ₋₁ − α·rₜ·√(1 − β₂ᵗ) / (1 − β₁ᵗ) · mₜ / (√vₜ + ε)

    Before that, a step along the running mean, or none: then the parameter waits.

    When `rectification is None` and when `degenerate_to_sgd`:

        θₜ ← θₜ₋₁ − α·mₜ / (1 − β₁ᵗ)

    When `rectification is None` and when `not degenerate_to_sgd`:

        θₜ ← θₜ₋₁

    The symbols are those of [Adam](adam.py#Adam). New here:

    * $rₜ$ is `group["rectification"]`, the factor that shortens a step, between 0 and 1, or `None`
      while the formula for the variance is too poor to be used
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float | WeightDecay = 0.0,
        *,
        degenerate_to_sgd: bool = True,
        amsgrad: bool = False,
        optimized_update: bool = False,
        decoupled_weight_decay: bool = False,
        maximize: bool = False,
        fused: bool | None = None,
        capturable: bool = False,
        state_dtype: torch.dtype | None = None,
        dithered_rounding: bool = False,
        defaults: dict[str, Any] | None = None,
        **others: Any,
    ) -> None:
        """
        ### Arguments

        Those of [AMSGrad](amsgrad.py#AMSGrad.__init__), though `amsgrad` is off by default, and

        * `degenerate_to_sgd`: before rectification begins, step along the running mean of the
          gradient, undivided (default `True`); otherwise wait. Such steps grow with the gradients,
          so lower `lr` or turn this off if yours are large

        `optimized_update` has no effect on a rectified step: it always corrects both biases in the
        step size. The optimizer computes what `torch.optim.RAdam` does, and exchanges checkpoints
        with it.
        """
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad=amsgrad,
            optimized_update=optimized_update,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
            fused=fused,
            capturable=capturable,
            state_dtype=state_dtype,
            dithered_rounding=dithered_rounding,
            defaults=switches(defaults, degenerate_to_sgd=degenerate_to_sgd),
            **others,
        )

    def at_step(self, group: Group, t: Number) -> Group:
        """### The rectification of step t, beside the bias corrections"""
        rectification = self.calc_rectification_term(group["betas"][1], t)
        return {**super().at_step(group, t), "rectification": rectification}

    @staticmethod
    def calc_rectification_term(beta2: float, t: Number) -> Number | None:
        """
        ### How much to trust the denominator at step t

        Returns $rₜ$, or `None` when $ρₜ ≤ 5$. If $β₂ ≤ 2/3$, then $ρ_∞ ≤ 5$. So that is always, as
        such a mean never sees enough gradients.

        * $rₜ$ is `return`, the factor that shortens a step, between 0 and 1
        * $ρₜ$ is `rho`, how many gradients the second running mean is worth at step t
        * $ρ_∞$ is `rho_inf`, how many gradients it is worth in the long run
        * $ρ > 2$ is any number of gradients, more than two
        * $β₂$ is `beta2`
        * $σ > 0$ is the standard deviation of a gradient
        * $ψ²$ is distributed as `scaled_inverse_chi2(ρ, 1/σ²)`, the distribution of $1/v̂$ when
          $v̂$ is the plain average of $ρ$ squared gradients of variance $σ²$

        #### How many gradients has $vₜ$ seen?

        A running mean weighs its samples unequally. Let us find the plain average that is equally
        old. The newest gradient has age 1 and weight $1 − β₂$, the one before has age 2 and weight
        $(1 − β₂)·β₂$, and so on. Divided by the sum of the weights, $1 − β₂ᵗ$, the mean age is

            Σ_{i=1}^{t} i·(1 − β₂)·β₂^{i−1} / (1 − β₂ᵗ) = 1 / (1 − β₂) − t·β₂ᵗ / (1 − β₂ᵗ)

        The samples of a plain average of $ρ$ gradients have ages 1 to $ρ$, and a mean age of
        $(ρ + 1)/2$. So $ρ$ is twice the mean age, less one. That gives $ρₜ$ at step t, and $ρ_∞$
        when t has grown without end; both stand beside the first two lines of the code. If
        $β₂ = 0.999$, then $ρ_∞ = 1999$. The running mean ends up as good as a plain average of so
        many gradients. Early on, $ρₜ$ is almost t.

        #### How uncertain is a step size learned from them?

        Suppose that gradients are independent draws from a normal distribution with mean 0 and
        variance $σ²$, as the paper supposes for the start of training. Let $v̂$ be the
        plain average of $ρ$ of their squares, and write $ψ$ for the factor $1/√v̂$. Then $ψ²$ is
        $ρ$ divided by a sum of $ρ$ squared normal variables. It follows a scaled inverse χ²
        distribution, whose mean is textbook material:

            E[ψ²] = ρ / ((ρ − 2)·σ²)

        We want the variance of $ψ$. It is finite as soon as its mean square is, so when $ρ > 2$:

            Var[ψ] = E[ψ²] − E[ψ]²

        In units of $1/σ²$ it is 1.09 for 3 gradients, 0.43 for 4 and 0.25 for 5. But its exact form
        needs the gamma function. The paper takes a simpler way, through the variance of $ψ²$. That
        one is finite only for more than 4 gradients. If $ρ > 4$, then
        $Var[ψ²] = 2·ρ² / ((ρ − 2)²·(ρ − 4)·σ⁴)$. Near its mean, a root is almost a straight line,
        whose slope is 1 over twice the root of the mean. Variance is multiplied by the slope
        squared, so to first order:

            Var[ψ] ≈ Var[ψ²] / (4·E[ψ²])

        For $ρ > 4$ that is $Var[ψ²] / (4·E[ψ²]) = ρ / (2·(ρ − 2)·(ρ − 4)·σ²)$. For $ρ = 100$ it is
        a little over 2% too much. For small $ρ$ it is poor, and at 4 it breaks down, though nothing
        happens to $ψ$ itself there.

        #### The rectification

        At each step we want the variance that the factor has in the long run, at $ρ_∞$. Multiplying
        $ψ$ by r multiplies its variance by $r²$. So $r²$ is the variance at $ρ_∞$ divided by the
        variance at $ρₜ$, and the unknown $σ$ cancels. What is left is returned.

        When `rho > 5`:

            rₜ = √((ρₜ − 4)·(ρₜ − 2)·ρ_∞ / ((ρ_∞ − 4)·(ρ_∞ − 2)·ρₜ))

        For $β₂ = 0.999$ it begins at 0.026, is 0.65 after a thousand steps, and climbs on to 1: a
        warm-up that nobody had to tune. With the exact variances it would begin at 0.038; when
        $ρₜ ≥ 100$, both agree to 1.1%.
        """
        # ρ_∞ = 2 / (1 − β₂) − 1
        rho_inf = 2 / (1 - beta2) - 1
        # ρₜ = ρ_∞ − 2·t·β₂ᵗ / (1 − β₂ᵗ)
        rho = rho_inf - 2 * t * beta2**t / (1 - beta2**t)
        if rho <= 5:
            return None
        # ρₜ > 5
        # rₜ = √((ρₜ − 4)·(ρₜ − 2)·ρ_∞ / ((ρ_∞ − 4)·(ρ_∞ − 2)·ρₜ))
        squared = (rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho)
        rectification: Number = squared**0.5
        return rectification

    def step_param(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
        """
        ### Decay, remember, make a rectified move

        Coupled decay joins the gradient first, as in [Adam](adam.py#Adam.step_param).

        When `not decoupled_weight_decay`:

            mₜ = β₁·mₜ₋₁ + (1 − β₁)·(gₜ + λ·θₜ₋₁)

        * $gₜ$ is `grad` at entry, the gradient without decay
        """
        grad = WeightDecay.apply(param, grad, group)
        m, v = self.get_mv(state, group, grad)
        self.r_adam_update(group, param, m, v)

    def r_adam_update(self, group: Group, param: Tensor, m: Tensor, v: Tensor) -> None:
        """
        ### Move the parameter, as far as the denominator can be trusted

        Both bias corrections are folded into the step size. So $ε$ stands beside $√uₜ$ as it is,
        uncorrected, and weighs more during the first steps than Adam's $ε$ does.

        * $uₜ$ is `v`, what the step is divided by: $vₜ$, or with `amsgrad` its running maximum
        * $θₜ₋₁$ is `param` at entry, the parameter before the step, already decayed
        """
        lr, eps, r = group["lr"], group["eps"], group["rectification"]
        c1, c2 = group["bias_correction1"], group["bias_correction2"]

        if r is not None:
            # √uₜ + ε
            denominator = v.sqrt().add_(eps)
            # θₜ ← θₜ₋₁ − α·rₜ·√c₂ / c₁ · mₜ / (√uₜ + ε)
            param.addcdiv_(m, denominator, value=-lr * r * c2**0.5 / c1)
        elif group["degenerate_to_sgd"]:
            # θₜ ← θₜ₋₁ − α / c₁ · mₜ
            param.add_(m, alpha=-lr / c1)
