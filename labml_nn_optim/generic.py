"""
# The base class of the Adam family

All optimizers here do the same chores: check what they are given, keep a little memory for each
parameter, and walk through the parameters one by one. They differ in a few lines of mathematics. So
the chores live here, once, and each paper is a short class that overrides only what its authors
changed:

[Adam](adam.py) → [AMSGrad](amsgrad.py) → [RAdam](radam.py) → [AdaBelief](ada_belief.py)

The class is an ordinary `torch.optim.Optimizer`. Hooks, schedulers, closures, checkpoints and
gradient scalers work as they do with `torch.optim`. If the words *parameter group* and *state* are
new to you, read the [guide to PyTorch optimizers](../docs/guide.md) first; it takes ten minutes. To
make a class of your own, open the notebook [Write your own](../docs/notebooks/write_your_own.md).
"""

from collections.abc import Callable
from typing import Any, overload

import torch
from torch import Tensor
from torch.optim.optimizer import Optimizer, ParamsT

from labml_nn_optim.checks import check_group, refuse_others, switches
from labml_nn_optim.engine.capturing import check_recording, step_as_recorded
from labml_nn_optim.engine.fused import FusedStep
from labml_nn_optim.engine.pieces import LARGE, pieces
from labml_nn_optim.engine.private import disable_dynamo
from labml_nn_optim.half_precision import HALVES, round_in_turn, turn_at, turns_of, widened
from labml_nn_optim.loading import load_without_rounding
from labml_nn_optim.rule import Group as Group
from labml_nn_optim.rule import Number as Number
from labml_nn_optim.rule import State as State
from labml_nn_optim.rule import Work, _Settings, next_step, settled
from labml_nn_optim.weight_decay import WeightDecay


class GenericAdaptiveOptimizer(Optimizer):
    """
    ## The plan every optimizer follows

    `step` is a template. For each parameter with a gradient it calls three hooks, and a subclass
    overrides those it cares about:

    1. `init_state` makes the memory of a parameter: zeros for each running mean;
    2. `at_step` computes what step t knows before it sees a gradient: the bias corrections, for
       example;
    3. `step_param` does the work: it updates the memory from the gradient, and the parameter from
       the memory.

    Every switch is kept in the parameter groups, as a plain bool or number, never on `self`. This
    way a checkpoint says all that is computed, and two groups of one optimizer may differ.

    The symbols that all formulas share:

    * $θₜ$ is `param`, the parameter after step t
    * $gₜ$ is `grad`, the gradient at $θₜ₋₁$
    * $t$ is `state["step"]`, the number of this parameter's steps so far, this one included
    * $α$ is `group["lr"]`, the step size
    * $β₁$ is `group["betas"][0]`, how slowly the running mean of the gradient forgets
    * $β₂$ is `group["betas"][1]`, how slowly the running mean of squares forgets
    * $0 < β < 1$ is either of $β₁$ and $β₂$, where they are treated alike
    * $ε$ is `group["eps"]`, a small number that keeps the step finite where gradients vanish
    * $λ$ is `group["weight_decay"]`, the strength of the pull towards zero
    """

    def __init__(
        self,
        params: ParamsT,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float | WeightDecay = 0.0,
        *,
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
        ### The arguments all optimizers share

        * `params`: tensors to optimize, or named tensors, or dictionaries, one for each group
        * `lr`: step size $α ≥ 0$ (default 1e-3). Where gradients agree, steps of
          [Adam](adam.py#Adam) are about that long, and those of [AdaBelief](ada_belief.py) grow
          longer
        * `betas`: (β₁, β₂), each in [0, 1) (default `(0.9, 0.999)`): how slowly the running means
          of the gradient and of its square forget; they remember about $1/(1 − β)$ steps
        * `eps`: $ε ≥ 0$ (default 1e-8), added to the denominator, so that a step stays finite where
          gradients vanish
        * `weight_decay`: $λ ≥ 0$ (default 0), or a [`WeightDecay`](weight_decay.py), which then
          also decides how to decay
        * `decoupled_weight_decay`: shrink the parameter itself instead of adding $λ·θ$ to the
          gradient (default `False`)
        * `maximize`: climb instead of descend (default `False`)
        * `fused`: compile the step: `True` insists, `False` declines, and `None`, the default,
          leaves it to the size of the group, and to whether there is a compiler (a C compiler on a
          CPU, Triton on a GPU)
        * `capturable`: compute all that depends on t beside the parameters, without a word from the
          CPU, so that a CUDA graph can record a step and replay it (default `False`). Take a step
          before it is recorded. A learning rate that is to change must be a tensor on that device
        * `state_dtype`: `torch.bfloat16` keeps the running means in [half the
          memory](half_precision.py), to two or three digits; `None`, the default, in float32, or
          float64 for parameters of that type
        * `dithered_rounding`: round bfloat16 parameters up or down in turn, so that steps too short
          for their eight bits are not lost (default `False`: to the nearest)
        * `defaults`: extra values for every group, for those who extend a class; arguments above
          take precedence
        * `others`: arguments that code written for `torch.optim` passes. `foreach=None` or `False`,
          `differentiable=False` and `amsgrad=False` change nothing here and are accepted; anything
          else is refused with what to do instead

        Raises `TypeError` or `ValueError` when an argument is not of this kind.
        """
        refuse_others(type(self).__name__, others)
        if not isinstance(weight_decay, WeightDecay):
            flags = switches(None, decoupled_weight_decay=decoupled_weight_decay)
            weight_decay = WeightDecay(weight_decay, flags["decoupled_weight_decay"])
        arguments = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "fused": fused,
            "state_dtype": state_dtype,
            # Torch adds it to whatever it loads. A group would have a key more than before, and a
            # distributed checkpoint could not be loaded again.
            "differentiable": False,
            **weight_decay.defaults(),
        }
        flags = switches(
            defaults,
            maximize=maximize,
            capturable=capturable,
            dithered_rounding=dithered_rounding,
        )
        self._fused = FusedStep()
        self._settings: dict[int, _Settings] = {}
        super().__init__(params, {**flags, **arguments})

    def add_param_group(self, param_group: Group) -> None:
        """
        ### Add a group of parameters

        Called for each group when the optimizer is made, and by whoever adds parameters later.
        Nothing is added unless the whole group is valid. `param_group` itself is not changed.
        """
        group = dict(param_group)
        if isinstance(group.get("weight_decay"), WeightDecay):
            group |= group["weight_decay"].defaults()
        check_group({**self.defaults, **group}, self.defaults)
        super().add_param_group(group)

    def init_state(self, state: State, group: Group, param: Tensor) -> None:
        """
        ### Hook: make the memory of one parameter

        Fill in what is missing in `state` and keep what is there. It may be called at any step, so
        that a switch which needs more memory may be turned on half-way.
        """
        if "step" not in state:
            # Each parameter counts its own steps. One that joins late starts with t = 1 and gets
            # the large bias correction that young running means need. A float32 tensor on the CPU,
            # as in torch. (`zeros` would not do: where torch only estimates memory, by
            # FakeTensorMode, nobody knows its value.)
            state["step"] = torch.tensor(0.0, dtype=torch.float32, device="cpu")
        if group["capturable"]:
            state["step"] = state["step"].to(param.device)

    def at_step(self, group: Group, t: Number) -> Group:
        """
        ### Hook: what step t knows before it sees a gradient

        Returns a copy of the group, with the numbers of step t added. Each parameter has its own t.
        The numbers are in double precision, whatever the precision of the parameters. With
        `capturable`, t is a tensor of one number.
        """
        lr = self.get_lr(group, t)
        at_step = {**group, "lr": lr}
        if group.get("state_dtype") or group.get("dithered_rounding"):
            at_step["turn"] = turn_at(t)
        if group.get("absolute_weight_decay") and lr == 0:
            # A step of size zero moves nothing.
            at_step["weight_decay"] = 0.0
        return at_step

    def get_lr(self, group: Group, t: Number) -> Number:
        """
        ### Hook: the step size α of step t

        Override it to build a schedule, such as warm-up, into an optimizer.
        """
        lr = group["lr"]
        if isinstance(t, Tensor) and isinstance(lr, Tensor) and lr.device == t.device:
            return lr  # the device will know its value
        return float(lr)

    def step_param(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
        """
        ### Hook: update one parameter

        * `state` is the parameter's memory, updated in place. (The plain step runs in torch's
          inference mode: a tensor that a rule puts there must be cloned before others change it.)
        * `group` is what `at_step` returned
        * `grad` is the gradient $gₜ$; it must not be modified
        * `param` is the parameter $θₜ₋₁$, to be turned into $θₜ$ in place

        All tensors are real and have at least 32 bits, whatever the model uses. What becomes of one
        number must not depend on the others, nor on the shape: the compiled step goes from number
        to number. A rule that looks at a whole tensor, such as its norm, is found out when it is
        traced, and left to the plain step, which goes line by line. (To any other rule, it may show
        a large tensor [piece by piece](engine/pieces.py).) An integer among the defaults of a class
        is part of the compiled code; if it changes, the step is compiled anew. A float is not, nor
        is what a training loop keeps in a group.
        """
        raise TypeError(f"{type(self).__name__} must override step_param")

    @overload
    def step(self, closure: None = None) -> None: ...

    @overload
    def step(self, closure: Callable[[], float]) -> float: ...

    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """
        ### Take one step

        `closure`, if given, computes the loss anew and is called once, with gradients enabled; its
        loss is returned.

        Raises `ValueError`, `TypeError` or `RuntimeError` for a hyper-parameter or tensor that is
        refused; then nothing has changed. A gradient that holds NaN or infinity is not refused: as
        in torch, it spreads to the parameter.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        self._update()
        return loss

    @disable_dynamo
    def _update(self) -> None:
        """
        ### Update each parameter that has a gradient

        Within `torch.compile` this method runs as it is. A compiler would unroll the loop, which
        takes minutes for a model of many tensors, and do so again when a number such as t changes.
        """
        work = self._checked()  # all of it, before the first parameter moves
        check_recording(self, work)
        for each in self._fused.take(self, work):
            self._step_plainly(*each)

    def _init_states(self, group: Group, params: list[Tensor]) -> None:
        """### Make what is missing in the memory of a group"""
        # What outlives this step must not be made for inference only.
        with torch.inference_mode(False), torch.no_grad():
            for param in params:
                self.init_state(self.state[param], group, param)

    def _step_plainly(
        self, group: Group, params: list[Tensor], grads: list[Tensor], steps: list[float]
    ) -> None:
        """
        ### Go from parameter to parameter, and from line to line

        `steps` are the numbers t of their steps; none where memory is missing.
        """
        if not steps:
            self._init_states(group, params)
        states = [self.state[param] for param in params]
        if group["capturable"]:
            with torch.no_grad():
                for state, grad, param in zip(states, grads, params, strict=True):
                    step_as_recorded(self, state, group, grad, param)
            return
        given = group if self._settings[id(group)].are_numbers else settled(group)
        steps = steps or [next_step(state["step"].item()) for state in states]
        known: dict[float, Group] = {}  # what step t knows is the same for all parameters
        # As without gradients, and faster: torch makes no preparations for a backward pass.
        with torch.inference_mode():
            for state, grad, param, t in zip(states, grads, params, steps, strict=True):
                if t not in known:
                    known[t] = self.at_step(given, t)
                state["step"].fill_(t)
                its_own = {**known[t]} if len(params) > 1 else known[t]
                whole = (state, its_own, grad, param)
                for each in pieces(self, group, whole) if param.numel() > LARGE else (whole,):
                    self._step_real(*each)

    def _checked(self) -> Work:
        """### Each group, its parameters that have a gradient, and their gradients"""
        work: Work = []
        for group in self.param_groups:
            known = self._settings.get(id(group))
            if known is None or not known.stay(group):
                check_group(group, self.defaults)
                self._settings[id(group)] = _Settings(group, known)
            params = group["params"]
            grads = [grad for param in params if (grad := param.grad) is not None]
            if len(grads) < len(params):
                params = [param for param in params if param.grad is not None]
            work.append((group, params, grads))
        return work

    def _step_real(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
        """
        ### Show `step_param` real numbers of sufficient precision

        A complex number is a pair of real ones and is optimized as such.

        * $dₜ$ is `param.grad`, the gradient that the user's backward pass has left
        """
        if group["maximize"]:
            # Climbing f is descending −f.
            #
            # gₜ ← −dₜ
            grad = -grad
        if param.is_complex():
            state = {k: torch.view_as_real(v) if v.is_complex() else v for k, v in state.items()}
            grad = torch.view_as_real(grad.resolve_conj())
            self.step_param(state, group, grad, torch.view_as_real(param))
        elif group["state_dtype"] is None and param.dtype not in HALVES:
            self.step_param(state, group, grad, param)
        else:
            self._step_wide(state, group, grad, param)

    def _step_wide(self, state: State, group: Group, grad: Tensor, param: Tensor) -> None:
        """
        ### Compute in 32 bits what is kept in sixteen

        Each number is rounded once, at the end: [a running mean in
        turn](half_precision.py#round_in_turn), a parameter to the nearest, or in turn with
        `dithered_rounding`.
        """
        wide = state
        if group["state_dtype"] is not None:
            wide = {key: widened(value, param) for key, value in state.items()}
        moved = widened(param, param)
        self.step_param(wide, group, widened(grad, param), moved)
        for key, kept in state.items():
            if wide[key] is not kept:
                kept.copy_(round_in_turn(wide[key], group["turn"]))
        if moved is not param:
            if group["dithered_rounding"] and param.dtype == torch.bfloat16:
                moved = round_in_turn(moved, turns_of(grad, group["turn"]))
            param.copy_(moved)

    def __repr__(self) -> str:
        """### The groups, and how each is executed"""
        groups = enumerate(self.param_groups)
        steps = [
            f"Step of parameter group {i}: {self._fused.said(i, group)}" for i, group in groups
        ]
        return "\n".join([super().__repr__(), *steps])

    def state_dict(self) -> dict[str, Any]:
        """
        ### A checkpoint

        It says what is computed, and leaves out how (`fused`, `capturable`): torch knows these
        names, and would want the same from whoever loads it.
        """
        checkpoint: dict[str, Any] = super().state_dict()
        for group in checkpoint["param_groups"]:
            group.update(fused=None, capturable=False)
        return checkpoint

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """
        ### Continue from a checkpoint

        Takes checkpoints of this class and of `torch.optim`'s Adam and RAdam. The tensors are
        copied, and running means keep their precision. How the step is executed and what memory is
        made of (`fused`, `capturable`, `state_dtype`) stays as it is here; what it computes comes
        from the checkpoint.
        """
        load_without_rounding(self, super().load_state_dict, state_dict)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """### Fill in what an older or foreign checkpoint does not say"""
        super().__setstate__(state)
        self._fused, self._settings = FusedStep(), {}
        for group in self.param_groups:
            for name, value in self.defaults.items():
                group.setdefault(name, value)
