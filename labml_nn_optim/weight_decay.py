"""
# Weight decay

Weight decay pulls every parameter a little towards zero. There are two ways to do it, and for plain
gradient descent they are the same. For Adam they are not, and much confusion came from one name for
both.

**Coupled** decay (L₂ regularization) adds $λ·θ$ to the gradient. The pull then goes through
everything that happens to gradients: the running means, and the division by their size. Where
gradients are large, the pull too is divided by a large number, so it is *weaker*.

**Decoupled** decay shrinks the parameter directly and leaves the gradient alone. Each parameter is
pulled at the same relative rate. This is the "W" in AdamW.

Which one is meant by a plain number, such as `weight_decay=0.01`? In [Adam](adam.py),
[AMSGrad](amsgrad.py) and [RAdam](radam.py) what `torch.optim` means by it: coupled decay. In
[AdaBelief](ada_belief.py) what its authors' package means: decoupled. For RAdam that is torch's
choice and not its authors', whose code decays decoupled; torch's documentation says so, and offers
`decoupled_weight_decay=True`, as we do. With `WeightDecay(0.01)` decay is decoupled in all classes.

The decoupled rule here, $(1 − α·λ)·θ$, is that of `torch.optim.AdamW`. The paper on decoupled decay
separates the two numbers further: there, a schedule scales both the step and the decay, but the
step size $α$ itself does not touch the decay. With $λ$ divided by the step size that the optimizer
was made with, our rule does what the paper's does. That, and what other programs do, is in [how
implementations differ](../docs/differences.md#how-weights-decay).

## Where is AdamW?

AdamW is Adam with decoupled decay, and nothing else. So it has no class of its own here: write
`Adam(params, weight_decay=WeightDecay(0.01))`, and it computes what `torch.optim.AdamW(params)`
does. Mind the number. torch's AdamW decays by 0.01 unless told not to; our classes do not decay
unless told to. [AdaBelief](ada_belief.py) decays like AdamW as it is, and needs only the number.

## Source

Ilya Loshchilov and Frank Hutter, *Decoupled Weight Decay Regularization*, 2017,
[arXiv:1711.05101](https://arxiv.org/abs/1711.05101), Algorithm 2, line 12.

```bibtex
@inproceedings{loshchilov2019decoupled,
  title     = {Decoupled Weight Decay Regularization},
  author    = {Loshchilov, Ilya and Hutter, Frank},
  booktitle = {International Conference on Learning Representations},
  year      = {2019},
  eprint    = {1711.05101}
}
```
"""

from typing import Any

from torch import Tensor

from labml_nn_optim.checks import check_number, switches


class WeightDecay:
    """
    ## Weight decay, coupled or decoupled

    * $λ$ is `group["weight_decay"]`, the strength of the pull
    * $α$ is `group["lr"]`, the step size
    * $θₜ$ is `param`, the parameter
    * $gₜ$ is `grad`, its gradient at step t
    """

    def __init__(
        self,
        weight_decay: float = 0.0,
        weight_decouple: bool = True,
        absolute: bool = False,
    ) -> None:
        """
        ### Choose a kind of decay

        * `weight_decay`: the strength $λ ≥ 0$; 0, the default, does nothing
        * `weight_decouple`: shrink the parameter itself (the default), rather than add $λ·θ$ to the
          gradient
        * `absolute`: shrink by $λ$ per step, rather than by $α·λ$, so that a schedule of the
          learning rate does not weaken the decay; only with `weight_decouple`, and then $λ ≤ 1$ is
          sensible

        What is chosen here wins over an optimizer's own `decoupled_weight_decay`, which says the
        same as `weight_decouple` where decay is given as a number.

        Raises `TypeError` or `ValueError` when an argument is not of this kind.
        """
        check_number("weight_decay", weight_decay)
        flags = switches(None, weight_decouple=weight_decouple, absolute=absolute)
        if absolute and not weight_decouple:
            raise ValueError(
                "absolute=True needs weight_decouple=True: coupled decay has no rate of its own"
            )
        self.weight_decay = weight_decay
        self.weight_decouple: bool = flags["weight_decouple"]
        self.absolute: bool = flags["absolute"]

    def defaults(self) -> dict[str, Any]:
        """
        ### What a parameter group records

        Plain numbers and bools, under torch's names where torch has them. A checkpoint then says
        all there is to say.
        """
        return {
            "weight_decay": self.weight_decay,
            "decoupled_weight_decay": self.weight_decouple,
            "absolute_weight_decay": self.absolute,
        }

    @staticmethod
    def apply(param: Tensor, grad: Tensor, group: dict[str, Any]) -> Tensor:
        """
        ### Decay, and return the gradient to go on with

        Runs before the running means see the gradient, so that coupled decay passes through them.
        The gradient itself is never modified: other code may still want it. Where decay is
        decoupled, or none, the step goes on with the gradient as it came.

        When `decoupled_weight_decay or weight_decay == 0`:

            hₜ = gₜ

        * $hₜ$ is `return`, the gradient to go on with

        A step of size zero moves nothing, so there is no decay. Torch takes such a step behind the
        scenes before it loads a distributed checkpoint. Absolute decay, which knows no $α$, is
        turned off for it [before the step
        begins](generic.py#GenericAdaptiveOptimizer.at_step).

        When `lr == 0`:

            θₜ ← θₜ₋₁
        """
        weight_decay = group["weight_decay"]
        if weight_decay == 0:
            return grad
        if not group["decoupled_weight_decay"]:
            # gₜ + λ·θₜ₋₁
            return grad.add(param, alpha=weight_decay)
        if not group["absolute_weight_decay"]:
            # A schedule of the learning rate scales the decay.
            #
            # When `not absolute_weight_decay`:
            #
            # θₜ ← (1 − α·λ)·θₜ₋₁
            param.mul_(1 - group["lr"] * weight_decay)
        else:
            # θₜ ← (1 − λ)·θₜ₋₁
            param.mul_(1 - weight_decay)
        return grad
