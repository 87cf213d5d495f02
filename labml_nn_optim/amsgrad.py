"""
# AMSGrad

Adam's second running mean forgets. A rare, large, informative gradient raises $vₜ$ at the very
moment it arrives, so it is divided by a large number; by the time the frequent, small, misleading
gradients come, $vₜ$ has shrunk again, and they are divided by a small one. Adam can then walk
steadily the wrong way.

The paper makes this exact with an example one can check by hand. On $−1 ≤ θ ≤ 1$, let the gradient
be 3 in every third step and −1 in the two others. On average it is positive, so the best $θ$ is −1.
Yet with $β₁ = 0$ and $β₂ = 0.1$, Adam goes to +1. The large gradient moves it by $−1.05·α$, and the
two small ones by $+0.76·α$ and $+0.97·α$: they add up to a walk in the wrong direction. A notebook
[takes that walk](../docs/notebooks/when_adam_fails.md).

This contradicts Adam's paper. *Regret* is how much more Adam loses than the best fixed $θ$ would,
and the paper concludes that its average per step vanishes (Corollary 4.2). In the example it does
not (Theorem 1 of AMSGrad's paper). The proof supposes that what a gradient is multiplied by never
grows (Section 4 there); with Adam it can.

The remedy is one line. Keep the *largest* $vₜ$ seen so far and divide by its root. In the paper the
denominator then never shrinks, so no gradient gets more weight for coming late.

The paper's algorithm has no bias correction. This class keeps Adam's, like torch, and takes the
maximum of the uncorrected mean; so its denominator can still shrink while the correction fades,
over the first few thousand steps. Others, such as optax, take the maximum of the corrected mean. It
is made of few gradients at first, so a large one among them dominates for long; see [how
implementations differ](../docs/differences.md#maximum).

## When to use it

Seldom. Try it when what matters comes rarely, while all the rest pulls the other way, almost as
strongly. With the usual $β₂$ that takes [a special kind of
data](../docs/notebooks/when_adam_fails.md). In five small trainings it [could not be told apart
from Adam](../docs/guide.md#which-one).

```python
from labml_nn_optim import AMSGrad

optimizer = AMSGrad(model.parameters(), lr=1e-3)
```

## Source

Sashank J. Reddi, Satyen Kale and Sanjiv Kumar, *On the Convergence of Adam and Beyond*, 2018,
[arXiv:1904.09237](https://arxiv.org/abs/1904.09237), Algorithm 2; the example is in its Section 3.

```bibtex
@inproceedings{reddi2018convergence,
  title     = {On the Convergence of Adam and Beyond},
  author    = {Reddi, Sashank J. and Kale, Satyen and Kumar, Sanjiv},
  booktitle = {International Conference on Learning Representations},
  year      = {2018},
  eprint    = {1904.09237}
}
```
"""

from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

from labml_nn_optim.adam import Adam
from labml_nn_optim.checks import switches
from labml_nn_optim.half_precision import running_mean_of
from labml_nn_optim.rule import Group, State
from labml_nn_optim.weight_decay import WeightDecay


class AMSGrad(Adam):
    """
    ## The algorithm

    Adam, with a maximum between the second running mean and the step:

        mₜ ← β₁·mₜ₋₁ + (1 − β₁)·gₜ
        vₜ ← β₂·vₜ₋₁ + (1 − β₂)·gₜ²
        uₜ ← max(uₜ₋₁, vₜ)
        m̂ₜ ← mₜ / (1 − β₁ᵗ)
        ûₜ ← uₜ / (1 − β₂ᵗ)
        θₜ ← θₜ₋₁ − α·m̂ₜ / (√ûₜ + ε)

    Everything but the third line is inherited from [Adam](adam.py#Adam), and so are the symbols.
    New here:

    * $uₜ$ is `state["max_exp_avg_sq"]`, the largest $vₜ$ so far
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float | WeightDecay = 0.0,
        *,
        amsgrad: bool = True,
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

        Those of [Adam](adam.py#Adam.__init__), and

        * `amsgrad`: divide by the running maximum (default `True`); `False` makes this class Adam,
          which is of use when some groups want the maximum and others do not

        The optimizer computes what `torch.optim.Adam(amsgrad=True)` does, and exchanges checkpoints
        with it.
        """
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            optimized_update=optimized_update,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
            fused=fused,
            capturable=capturable,
            state_dtype=state_dtype,
            dithered_rounding=dithered_rounding,
            defaults=switches(defaults, amsgrad=amsgrad),
            **others,
        )

    def init_state(self, state: State, group: Group, param: Tensor) -> None:
        """### The maximum starts at zero, below any square"""
        super().init_state(state, group, param)
        if group["amsgrad"] and f"max_{self.second_moment}" not in state:
            state[f"max_{self.second_moment}"] = running_mean_of(param, group)

    def get_mv(self, state: State, group: Group, grad: Tensor) -> tuple[Tensor, Tensor]:
        """### The running mean of the gradient, and what to divide it by"""
        m, v = super().get_mv(state, group, grad)
        return m, self.get_max(state, group, v)

    def get_max(self, state: State, group: Group, v: Tensor) -> Tensor:
        """
        ### The largest second moment so far

        Returns `v` itself where the group does without the maximum.

        * $vₜ$ is `v`, the second moment, by whatever name a subclass keeps it
        * $uₜ$ is `u`, the largest $vₜ$ so far
        """
        if not group["amsgrad"]:
            return v
        u: Tensor = state[f"max_{self.second_moment}"]
        # uₜ ← max(uₜ₋₁, vₜ)
        torch.maximum(u, v, out=u)
        return u
