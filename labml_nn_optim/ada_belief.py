"""
# AdaBelief

Adam divides each step by how *large* recent gradients were. AdaBelief divides by how *surprising*
they were: how far each gradient fell from what the running mean had led us to believe.

The change is one term. Let $gₜ$ be the gradient at step t, and $mₜ$ its running mean, which papers
call an *exponential moving average*. Adam keeps $vₜ$, the running mean of $gₜ²$; AdaBelief keeps
$sₜ$, the running mean of $(gₜ − mₜ)²$. The first estimates the gradient's *second moment*, the mean
of its square. The second estimates its *variance*.

What that changes shows on slopes. On a long even one, gradients are large and all alike. Adam
divides by their size and keeps its pace of $α$, the step size. AdaBelief is less and less
surprised, divides by less and less, and takes large steps. In a narrow valley, gradients are large
and flip their sign: the surprise is large, and both take small steps. Where gradients are small and
alike, both move faster than gradient descent. In numbers: after 200 equal gradients, a step of the
paper's algorithm is seven times as long as Adam's, and it goes on growing until $ε$ stops it, a
small number in the denominator. When every gradient flips its sign, Adam moves by $α/19$ and
AdaBelief by $α/18$.

Why does it? The second moment is the variance plus the square of the mean, so $vₜ$ holds signal and
noise together. However clear the signal, Adam divides it by itself, and the step is about $α$.
AdaBelief's $sₜ$ holds the noise alone, and where the signal is the larger of the two, the step is
about $α$ times signal over noise. A gradient ten times as large as its noise earns steps of $4.5·α$
after 100 steps, $8.1·α$ after 500, and $10.8·α$ in the long run. It takes that long since the very
first gradients count as surprises too: the running mean began at 0. It ends above 10 since the
surprise is measured from a mean that has already moved towards the gradient. The price is that $α$
no longer says how long a step is.

To build the class from five lines, open the notebook [AdaBelief by
hand](../docs/notebooks/ada_belief_by_hand.md).

## When to use it

When gradients agree for long, and Adam's steps seem too short for them. In our five small
trainings the paper's algorithm, `rectify=False`, [could not be told
apart](../docs/guide.md#which-one) from an Adam tuned alike; on one of five toy surfaces it was
ahead. The default *rectifies*: like [RAdam](radam.py), it holds the step back while $sₜ$ has seen
too few gradients to be trusted. So it starts slowly. In our trainings it was slower than SGD on
[noisy digits](../docs/results.md#speed), behind Adam with an LSTM, and just ahead of Adam with a
GAN. So there is no need to replace an Adam that works. If you try AdaBelief, tune its step size
anew, and look at $ε$.

```python
from labml_nn_optim import AdaBelief

# As it comes, rectified: it holds back, so begin with more than for Adam.
optimizer = AdaBelief(model.parameters(), lr=1e-2)
# The paper's algorithm; for images, as in the paper, also eps=1e-8.
optimizer = AdaBelief(model.parameters(), lr=1e-3, rectify=False)
```

## ε in two places

AdaBelief adds $ε$ in two places: beside the root, as Adam does, and *inside the running mean, at
every step*. The second one accumulates: after many steps the mean contains $ε/(1 − β₂)$, with the
usual $β₂ = 0.999$ a thousand times $ε$. With this class's default of 1e-16 that is harmless unless
surprises are as small as 1e-6. With Adam's customary 1e-8 the mean contains 1e-5. Where squared
surprises are smaller than that, the denominator is nearly constant, and AdaBelief adapts no longer:
what is left is almost gradient descent with momentum. A notebook shows [the way
there](../docs/notebooks/when_adam_fails.md#where-adabelief-fails).

So $ε$ is a dial, with gradient descent at one end, and both ends have their uses. The authors
advise 1e-8 where SGD is better than Adam, as on images, and 1e-16 where Adam is better, as for
transformers and GANs. Their own results on images [were made with
1e-8](../docs/differences.md#eps-of-the-paper). If AdaBelief disappointed you, look at $ε$ first.

## Which AdaBelief?

The paper has had three algorithms, which differ in where $ε$ enters the mean.

* In version 1, nowhere.
* In version 2, where the mean is used, which is
  `AdaBelief(params, rectify=False, eps_in_state=False)`.
* Since 20 December 2020, at every step, which is `AdaBelief(params, rectify=False)`.

The last is what the authors' code did from the start, by accident: `add_` was typed for `add`. Then
the paper was changed to say what the code does. [The story, with its
sources](../docs/differences.md#which-adabelief), is worth a detour.

The authors' published package does more by default: it *rectifies* the step, as [RAdam](radam.py)
does, decouples its weight decay, and sets $ε$ to 1e-16. The defaults here are the package's, so
that results carry over. The authors' code also computes a running maximum with `amsgrad=True` and
then, when rectifying, never uses it; here it is used.

## Source

Juntang Zhuang, Tommy Tang, Yifan Ding, Sekhar Tatikonda, Nicha Dvornek, Xenophon Papademetris and
James S. Duncan, *AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients*,
2020, [arXiv:2010.07468](https://arxiv.org/abs/2010.07468), Algorithm 2 as it stands since 20
December 2020. The authors' code and advice:
[juntang-zhuang/Adabelief-Optimizer](https://github.com/juntang-zhuang/Adabelief-Optimizer).

```bibtex
@inproceedings{zhuang2020adabelief,
  title     = {AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients},
  author    = {Zhuang, Juntang and Tang, Tommy and Ding, Yifan and Tatikonda, Sekhar and
               Dvornek, Nicha and Papademetris, Xenophon and Duncan, James S.},
  booktitle = {Advances in Neural Information Processing Systems},
  year      = {2020},
  eprint    = {2010.07468}
}
```
"""

from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

from labml_nn_optim.checks import switches
from labml_nn_optim.radam import RAdam
from labml_nn_optim.rule import Group, State
from labml_nn_optim.weight_decay import WeightDecay


class AdaBelief(RAdam):
    """
    ## The algorithm

    When `rectify=False`:

        mₜ ← β₁·mₜ₋₁ + (1 − β₁)·gₜ
        sₜ ← β₂·sₜ₋₁ + (1 − β₂)·(gₜ − mₜ)² + ε
        m̂ₜ ← mₜ / (1 − β₁ᵗ)
        ŝₜ ← sₜ / (1 − β₂ᵗ)
        θₜ ← θₜ₋₁ − α·m̂ₜ / (√ŝₜ + ε)

    That is the paper's algorithm. By default, [RAdam's update](radam.py#RAdam.r_adam_update) takes
    the place of the last line. For $β₂ = 0.999$, the first five steps go along $m̂ₜ$, undivided.
    Later ones are as above, times a factor $rₜ$ that climbs from near 0 to 1, and with $ε$ beside
    the uncorrected root. So from the sixth step on, the last line becomes another one.

    When `rectify` and when `rectification is not None`:

        θₜ ← θₜ₋₁ − α·rₜ·√(1 − β₂ᵗ) / (1 − β₁ᵗ) · mₜ / (√sₜ + ε)

    The symbols are those of [Adam](adam.py#Adam) and [RAdam](radam.py#RAdam). New here:

    * $sₜ$ is `state["exp_avg_var"]`, the running mean of squared surprise
    """

    second_moment = "exp_avg_var"

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-16,
        weight_decay: float | WeightDecay = 0.0,
        *,
        rectify: bool = True,
        eps_in_state: bool = True,
        degenerate_to_sgd: bool = True,
        amsgrad: bool = False,
        optimized_update: bool = False,
        decoupled_weight_decay: bool = True,
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

        Those of [RAdam](radam.py#RAdam.__init__), with `eps` at 1e-16 by default, though
        `decoupled_weight_decay` is on by default, and

        * `lr`: as in Adam, but steps grow longer than $α$ where gradients agree
        * `betas`: as in Adam, but $β₁ = 0$ is of no use: the running mean is then the gradient
          itself, nothing ever surprises, and $ε$ is all that the step is divided by
        * `rectify`: rectify the step, as the authors' code does (default `True`); `False` is the
          paper's algorithm
        * `eps_in_state`: add $ε$ to the running mean at every step, as the paper has done since
          December 2020 (default `True`); otherwise only where the mean is used, as in its version 2

        The optimizer computes what the authors' `adabelief_pytorch.AdaBelief` does, with other
        names for three arguments, and with `amsgrad` also while it rectifies. Their
        `weight_decouple` is `decoupled_weight_decay` here, `degenerated_to_sgd` is
        `degenerate_to_sgd`, and `fixed_decay=True` is `weight_decay=WeightDecay(…, absolute=True)`.
        """
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            degenerate_to_sgd=degenerate_to_sgd,
            amsgrad=amsgrad,
            optimized_update=optimized_update,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
            fused=fused,
            capturable=capturable,
            state_dtype=state_dtype,
            dithered_rounding=dithered_rounding,
            defaults=switches(defaults, rectify=rectify, eps_in_state=eps_in_state),
            **others,
        )

    def step_param(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
        """
        ### Decay, remember, move

        Coupled decay joins the gradient first, as in [Adam](adam.py#Adam.step_param).

        When `not decoupled_weight_decay`:

            mₜ = β₁·mₜ₋₁ + (1 − β₁)·(gₜ + λ·θₜ₋₁)

        * $gₜ$ is `grad` at entry, the gradient without decay
        """
        grad = WeightDecay.apply(param, grad, group)
        m, s = self.get_ms(state, group, grad)
        if group["rectify"]:
            self.r_adam_update(group, param, m, s)
        else:
            self.adam_update(group, param, m, s)

    def get_ms(self, state: State, group: Group, grad: Tensor) -> tuple[Tensor, Tensor]:
        """
        ### The gradient's running mean, and its surprise

        This is all that AdaBelief computes in its own way. The move is inherited: it goes along the
        first of the two that are returned, divided by the root of the second. Without `amsgrad`,
        and with $ε$ where the paper has it, that second is just $sₜ$; the two names below are for
        the other cases.

        * $uₜ$ is `state["max_exp_avg_var"]` when `amsgrad`: then it is the largest $sₜ$ so far
        * $uₜ$ is `state["exp_avg_var"]` when `not amsgrad`: then it is $sₜ$ itself
        * $dₜ$ is `return[1]`, the second that is returned: the step is divided by its root

        The paper has $ε$ in $sₜ$ already. Its version 2 adds it only here.

        When `eps_in_state`:

            dₜ = uₜ

        When `not eps_in_state`:

            dₜ = uₜ + ε
        """
        (beta1, beta2), eps = group["betas"], group["eps"]
        m, s = state["exp_avg"], state[self.second_moment]

        # mₜ ← β₁·mₜ₋₁ + (1 − β₁)·gₜ
        m.lerp_(grad, 1 - beta1)
        # How far the gradient fell from the mean. From the *new* mean, as in the paper: it has
        # already moved a little towards the gradient. So $gₜ − mₜ = β₁·(gₜ − mₜ₋₁)$ is smaller, and
        # $β₁ = 0$ never sees a surprise.
        surprise = grad - m
        # β₂·sₜ₋₁ + (1 − β₂)·(gₜ − mₜ)²
        s.mul_(beta2).addcmul_(surprise, surprise, value=1 - beta2)

        if group["eps_in_state"]:
            # sₜ ← β₂·sₜ₋₁ + (1 − β₂)·(gₜ − mₜ)² + ε
            s.add_(eps)
            return m, self.get_max(state, group, s)
        u = self.get_max(state, group, s)
        # Here $ε$ is added only to what is used, after the maximum; the mean does not keep it.
        #
        # uₜ + ε
        u_eps = u + eps
        return m, u_eps
