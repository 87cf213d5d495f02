"""
# Adam

Gradient descent gives every parameter the same step size. That is hard to choose: gradients of one
layer may be a thousand times those of another. Adam lets each parameter choose for itself. It
remembers the gradient's running mean, which says where to go, and the running mean of its square,
which says how large gradients usually are. It steps along the first, divided by the root of the
second. The scale of the gradient cancels: multiply the loss by a hundred and Adam takes the same
steps, as far as $ε$ does not matter, and decay, if any, is decoupled.

What is left is the share of the gradient that is signal: its mean, as a part of its root mean
square. Where gradients agree from step to step, such as 1, 1, 1, that is near 1, and the parameter
moves by about the step size $α$. Where they contradict each other, such as 1, −1, 1, −1, the
running mean averages out and the parameter hardly moves. Only a gradient far larger than those
before it, or gradients that grow for long, earn a step much longer than $α$, and [there is a
limit](adam.py#Adam) to that.

Here and in torch the default is the paper's Algorithm 1. The paper also gives a faster order of the
same computation, in which $ε$ means something slightly different; `optimized_update` selects it.
labml_nn, the predecessor of this site, uses that order by default; see [how implementations
differ](../docs/differences.md). To try the class on real data, open the notebook [Start
here](../docs/notebooks/start_here.md).

## When to use it

Begin with Adam. Where weights are to decay, use it as [AdamW](weight_decay.py). In five small
trainings, [all tuned alike](../docs/guide.md#which-one), AMSGrad and the paper's AdaBelief
(`rectify=False`) could not be told apart from it.

```python
from labml_nn_optim import Adam

optimizer = Adam(model.parameters(), lr=1e-3)
```

## Source

Diederik P. Kingma and Jimmy Ba, *Adam: A Method for Stochastic Optimization*, 2014,
[arXiv:1412.6980](https://arxiv.org/abs/1412.6980), Algorithm 1; the faster order is at the end of
its Section 2.

```bibtex
@inproceedings{kingma2015adam,
  title     = {Adam: A Method for Stochastic Optimization},
  author    = {Kingma, Diederik P. and Ba, Jimmy},
  booktitle = {International Conference on Learning Representations},
  year      = {2015},
  eprint    = {1412.6980}
}
```
"""

from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

from labml_nn_optim.checks import switches
from labml_nn_optim.generic import GenericAdaptiveOptimizer
from labml_nn_optim.half_precision import running_mean_of
from labml_nn_optim.rule import Group, Number, State
from labml_nn_optim.weight_decay import WeightDecay


class Adam(GenericAdaptiveOptimizer):
    """
    ## The algorithm

    Two running means, each corrected for having started at zero, and their ratio:

        mₜ ← β₁·mₜ₋₁ + (1 − β₁)·gₜ
        vₜ ← β₂·vₜ₋₁ + (1 − β₂)·gₜ²
        m̂ₜ ← mₜ / (1 − β₁ᵗ)
        v̂ₜ ← vₜ / (1 − β₂ᵗ)
        θₜ ← θₜ₋₁ − α·m̂ₜ / (√v̂ₜ + ε)

    All operations are elementwise: each number in a parameter has its own mean, its own square, its
    own step.

    How long is a step? Where gradients agree, about $α$. After 4999 gradients of 0.001, a single
    gradient of 1 earns a step of $3.18·α$. Gradients that keep growing can drive it further, but
    not without end: if $β₁² < β₂$, then
    $|m̂ₜ| ≤ (1 − β₁)·√v̂ₜ / √((1 − β₂)·(1 − β₁²/β₂))$. For the default betas that is 7.3 times
    $√v̂ₜ$, so a step is never longer than $7.3·α$. The bounds that the paper gives in its Section
    2.1, here $3.2·α$, are [rules of thumb](../docs/findings.md#adam-the-length-of-a-step).

    As in [every optimizer here](generic.py#GenericAdaptiveOptimizer), $θₜ$ is the parameter after
    step t, $gₜ$ its gradient, $α$ the step size, and $ε$ a small number that keeps the step finite.
    $β₁$ and $β₂$ say how slowly the means forget. New here:

    * $mₜ$ is `state["exp_avg"]`, the running mean of the gradient
    * $vₜ$ is `state["exp_avg_sq"]`, the running mean of the squared gradient
    * $c₁$ is `group["bias_correction1"]`, how much of $mₜ$ is memory rather than its zero start
    * $c₂$ is `group["bias_correction2"]`, how much of $vₜ$ is memory rather than its zero start
    """

    # The state key of what the step is divided by; a subclass that measures something else renames
    # it.
    second_moment = "exp_avg_sq"

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float | WeightDecay = 0.0,
        *,
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

        Those of [the base class](generic.py#GenericAdaptiveOptimizer.__init__), and

        * `optimized_update`: correct the bias in the step size rather than in $vₜ$; $ε$ then stands
          beside the uncorrected root (default `False`)

        The optimizer computes what `torch.optim.Adam` does, and exchanges checkpoints with it.
        """
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
            fused=fused,
            capturable=capturable,
            state_dtype=state_dtype,
            dithered_rounding=dithered_rounding,
            defaults=switches(defaults, optimized_update=optimized_update),
            **others,
        )

    def init_state(self, state: State, group: Group, param: Tensor) -> None:
        """### Both running means start at zero"""
        super().init_state(state, group, param)
        for key in ("exp_avg", self.second_moment):
            if key not in state:
                state[key] = running_mean_of(param, group)

    def at_step(self, group: Group, t: Number) -> Group:
        """
        ### The bias corrections of step t

        A running mean that starts at zero is too small at first. After one step $m₁ = (1 − β₁)·g₁$,
        only a tenth of the gradient when $β₁ = 0.9$. How much too small it is, the sum of the
        weights of all gradients so far tells:

            (1 − β)·Σ_{i=1}^{t} β^{t−i} = 1 − βᵗ

        Dividing by that sum turns the running mean into a true average. The correction fades: for
        $β₂ = 0.999$ it matters during the first few thousand steps.
        """
        beta1, beta2 = group["betas"]
        # c₁ = 1 − β₁ᵗ
        bias_correction1 = 1 - beta1**t
        # c₂ = 1 − β₂ᵗ
        bias_correction2 = 1 - beta2**t
        return {
            **super().at_step(group, t),
            "bias_correction1": bias_correction1,
            "bias_correction2": bias_correction2,
        }

    def step_param(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
        """
        ### Decay, remember, move

        Coupled decay joins the gradient before it is remembered. So the running mean holds both.

        When `not decoupled_weight_decay`:

            mₜ = β₁·mₜ₋₁ + (1 − β₁)·(gₜ + λ·θₜ₋₁)

        * $gₜ$ is `grad` at entry, the gradient without decay
        """
        grad = WeightDecay.apply(param, grad, group)
        m, v = self.get_mv(state, group, grad)
        self.adam_update(group, param, m, v)

    def get_mv(self, state: State, group: Group, grad: Tensor) -> tuple[Tensor, Tensor]:
        """
        ### The running means of the gradient and of its square

        Each keeps a share $β$ of the past and takes a share $1 − β$ of the present. Papers call
        that an *exponential moving average*. The mean over about $1/(1 − β)$ steps costs one number
        of memory instead of $1/(1 − β)$.
        """
        beta1, beta2 = group["betas"]
        m, v = state["exp_avg"], state[self.second_moment]

        # mₜ ← β₁·mₜ₋₁ + (1 − β₁)·gₜ
        m.lerp_(grad, 1 - beta1)
        # vₜ ← β₂·vₜ₋₁ + (1 − β₂)·gₜ²
        v.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        return m, v

    def adam_update(self, group: Group, param: Tensor, m: Tensor, v: Tensor) -> None:
        """
        ### Move the parameter

        * $vₜ$ is `v`, the running mean of squares; subclasses pass what they divide by in its place
        * $θₜ₋₁$ is `param` at entry, the parameter before the step, already decayed

        Each bias correction is one number for the whole tensor. That of $mₜ$ is folded into the
        step size, that of $vₜ$ into the denominator or, in the faster order, into the step size
        too. The tensors $m̂ₜ$ and $v̂ₜ$ are never made.
        """
        lr, eps = group["lr"], group["eps"]
        c1, c2 = group["bias_correction1"], group["bias_correction2"]

        if group["optimized_update"]:
            # The same update with one division less: multiply above and below by $√c₂$. What was
            # $ε$ is now $ε$ divided by $√c₂$, which is larger at first: up to 32 times when
            # $β₂ = 0.999$. To get the standard form exactly, $ε$ would have to change with t.
            #
            # √vₜ + ε
            denominator = v.sqrt().add_(eps)
            # α·√c₂ / c₁
            step_size = lr * c2**0.5 / c1
        else:
            # √(vₜ / c₂) + ε
            denominator = v.sqrt().div_(c2**0.5).add_(eps)
            # α / c₁
            step_size = lr / c1
        # The standard form comes first, then the faster order.
        #
        # When `not optimized_update`:
        #
        # θₜ ← θₜ₋₁ − α·m̂ₜ / (√v̂ₜ + ε)
        #
        # When `optimized_update`:
        #
        # θₜ ← θₜ₋₁ − α·√c₂ / c₁ · mₜ / (√vₜ + ε)
        param.addcdiv_(m, denominator, value=-step_size)
