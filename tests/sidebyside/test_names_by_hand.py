"""
Names in our own sources, looked up by a person.

Each line is a place in a file, with the name in double brackets, and where it must lead: `.` stands
for our package, and nothing for no link at all. The places are nearly all there are in AdaBelief,
and what is special in its ancestors.
"""

from __future__ import annotations

import pytest

BY_HAND = """
ada_belief
    from [[typing]] import Any
    from [[torch]] import Tensor                    torch
    from torch import [[Tensor]]                    torch.Tensor
    from torch.[[optim]].optimizer                  torch.optim
    from torch.optim.[[optimizer]] import
    optimizer import [[ParamsT]]
    from [[labml_nn_optim]].radam                   .
    from labml_nn_optim.[[radam]] import            .radam
    import [[RAdam]]                                .radam.RAdam
    import [[Group]], State                         .rule.Group
    import Group, [[State]]                         .rule.State
    import [[switches]]                             .checks.switches
    class [[AdaBelief]](RAdam)
    class AdaBelief([[RAdam]])                      .radam.RAdam
    [[second_moment]] = "exp_avg_var"
    params: [[ParamsT]],
    lr: [[float]] | Tensor
    lr: float | [[Tensor]] =                        torch.Tensor
    weight_decay: float | [[WeightDecay]]           .weight_decay.WeightDecay
    [[super]]().__init__(
    super().[[__init__]](                           .radam.RAdam.__init__
    defaults=[[switches]](                          .checks.switches
    [[defaults]]=switches(
    switches([[defaults]],
    def [[step_param]](
    def step_param(self, [[state]]: State
    def step_param(self, state: [[State]]           .rule.State
    grad = [[WeightDecay]].apply                    .weight_decay.WeightDecay
    grad = WeightDecay.[[apply]](                   .weight_decay.WeightDecay.apply
    WeightDecay.apply([[param]],
    m, s = self.[[get_ms]](                         .ada_belief.AdaBelief.get_ms
    [[self]].get_ms(
    self.[[r_adam_update]](                         .radam.RAdam.r_adam_update
    self.[[adam_update]](                           .adam.Adam.adam_update
    self.r_adam_update([[group]],
    -> tuple[[[Tensor]], Tensor]:                   torch.Tensor
    -> [[tuple]][Tensor
    state[self.[[second_moment]]]                   .ada_belief.AdaBelief.second_moment
    m.[[lerp_]](                                    torch.Tensor.lerp_
    surprise = [[grad]] - m
    s.[[mul_]](beta2)                               torch.Tensor.mul_
    mul_(beta2).[[addcmul_]](                       torch.Tensor.addcmul_
    addcmul_([[surprise]], surprise
    s.[[add_]](eps)                                 torch.Tensor.add_
radam
    from [[typing]] import Any
    import [[AMSGrad]]                              .amsgrad.AMSGrad
    class RAdam([[AMSGrad]])                        .amsgrad.AMSGrad
    super().[[__init__]](                           .amsgrad.AMSGrad.__init__
    self.[[calc_rectification_term]](               .radam.RAdam.calc_rectification_term
    super().[[at_step]](                            .adam.Adam.at_step
    @[[staticmethod]]
    rectification: [[Number]] =                     .rule.Number
    self.[[get_mv]](                                .amsgrad.AMSGrad.get_mv
    self.[[r_adam_update]](                         .radam.RAdam.r_adam_update
    v.[[sqrt]]().add_(eps)                          torch.Tensor.sqrt
    v.sqrt().[[add_]](eps)                          torch.Tensor.add_
    param.[[addcdiv_]](                             torch.Tensor.addcdiv_
    param.[[add_]](m                                torch.Tensor.add_
    = [[squared]]**0.5
amsgrad
    import [[torch]]                                torch
    super().[[init_state]](                         .adam.Adam.init_state
    super().[[get_mv]](                             .adam.Adam.get_mv
    return m, self.[[get_max]](                     .amsgrad.AMSGrad.get_max
    [[running_mean_of]](param                       .half_precision.running_mean_of
    [[torch]].maximum(                              torch
    torch.[[maximum]](                              torch.maximum
    u: [[Tensor]] =                                 torch.Tensor
adam
    class Adam([[GenericAdaptiveOptimizer]])        .generic.GenericAdaptiveOptimizer
    super().[[__init__]](                           .generic.GenericAdaptiveOptimizer.__init__
    super().[[init_state]](                         .generic.GenericAdaptiveOptimizer.init_state
    ("exp_avg", self.[[second_moment]])             .adam.Adam.second_moment
    [[running_mean_of]](param                       .half_precision.running_mean_of
    super().[[at_step]](                            .generic.GenericAdaptiveOptimizer.at_step
    m, v = self.[[get_mv]](                         .adam.Adam.get_mv
    self.[[adam_update]](                           .adam.Adam.adam_update
    m.[[lerp_]](                                    torch.Tensor.lerp_
    v.[[mul_]](beta2)                               torch.Tensor.mul_
    [[bias_correction1]] = 1
    1 - [[beta1]]**t
    param.[[addcdiv_]](                             torch.Tensor.addcdiv_
generic
    class GenericAdaptiveOptimizer([[Optimizer]])   torch.optim.Optimizer
    super().[[add_param_group]](                    torch.optim.Optimizer.add_param_group
    with torch.[[no_grad]]()                        torch.no_grad
    with torch.[[enable_grad]]()                    torch.enable_grad
    self.[[defaults]].items()
    super().[[__setstate__]](
    [[isinstance]](weight_decay
"""


def cases() -> list[tuple[str, str, str | None]]:
    found = []
    module = ""
    for line in BY_HAND.strip().splitlines():
        if not line.startswith(" "):
            module = f"labml_nn_optim.{line}"
            continue
        place, _, target = line.strip().partition("  ")
        target = target.strip()
        full = f"labml_nn_optim{target}".removesuffix(".") if target.startswith(".") else target
        found.append((module, place, full or None))
    return found


@pytest.mark.parametrize(("module", "place", "target"), cases())
def test_a_name_leads_where_a_reader_expects_it(sources_of, module, place, target):
    assert sources_of("labml_nn_optim").target(module, place) == target


def test_enough_names_were_looked_up():
    modules = [module.rpartition(".")[2] for module, _, _ in cases()]
    assert sum(module in ("ada_belief", "radam", "adam") for module in modules) >= 50
