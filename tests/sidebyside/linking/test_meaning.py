"""Names of another package, and the one rule for receivers of unknown type."""

from __future__ import annotations

from sidebyside.rendering.names import TORCH_NAMES


def test_functions_and_classes_are_found_under_every_name_they_are_imported_by(sources):
    code = sources(
        """
        import torch
        import torch.nn as tnn
        import torch as th
        from torch import nn, Tensor as T
        from torch.optim.optimizer import Optimizer
        torch.zeros_like, th.no_grad, nn.Parameter, tnn.Module, torch.nn.parameter.Parameter
        T, Optimizer, torch.optim.Optimizer, torch.unlisted, nn.functional.relu
        """,
        TORCH_NAMES,
    )
    titles = [link.partition(" -> ")[2] for link in code.links() if link[0] in "67"]
    assert [title for title in titles if title.count(".")] == [
        "torch.zeros_like",
        "torch.no_grad",
        "torch.nn",
        "torch.nn.parameter.Parameter",
        "torch.nn",
        "torch.nn.Module",
        "torch.nn",
        "torch.nn.parameter.Parameter",
        "torch.Tensor",
        "torch.optim.Optimizer",
        "torch.optim",
        "torch.optim.Optimizer",
        "torch.nn",
    ]


def test_methods_of_tensors_are_followed_through_chains_operators_and_calls(sources):
    code = sources(
        """
        import torch
        from torch import Tensor
        from torch.nn import Parameter
        class C:
            def pair(self) -> tuple[Tensor, Tensor]: ...
            def f(self, grad: Tensor, p: Parameter, n: float):
                m, v = self.pair()
                surprise = 1 - (grad - m) / 2
                surprise += 1
                v.sqrt().div_(n).add(1)
                surprise.abs()
                (-p.grad[0]).exp()
                torch.zeros_like(p).clone()
                (n * grad).abs()
                n.abs()
        """,
        TORCH_NAMES,
    )
    found = [link for link in code.links() if "torch.Tensor." in link]
    assert found == [
        "10: sqrt -> torch.Tensor.sqrt",
        "10: div_ -> torch.Tensor.div_",
        "10: add -> torch.Tensor.add",
        "11: abs -> torch.Tensor.abs",
        "12: grad -> torch.Tensor.grad",
        "12: exp -> torch.Tensor.exp",
        "13: clone -> torch.Tensor.clone",
    ]


def test_methods_of_the_base_class_are_found_beyond_the_package(sources):
    code = sources(
        """
        from torch.optim import Optimizer
        class Mine(Optimizer):
            def step(self):
                super().step()
                self.zero_grad()
                self.step()
                self.param_groups
        """,
        TORCH_NAMES,
    )
    assert code.target("m", "super().[[step]]()") == "torch.optim.Optimizer.step"
    assert code.target("m", "self.[[zero_grad]]") == "torch.optim.Optimizer.zero_grad"
    assert code.target("m", "self.[[step]]") == "m.Mine.step"
    assert code.target("m", "self.[[param_groups]]") is None


IN_PLACE = """
    {imports}
    {more}
    def f(state, unknown):
        m = state["exp_avg"]
        m.mul_(1).add_(2).mean()
        state["x"].zero_()
        unknown.grad.copy_(m)
        unknown().fill_(0)
        m.add(1)
        m.sub_
        m.requires_grad_()
        m.unlisted_()
"""


def in_place(sources, imports: str = "import torch", more: str = "pass") -> list[str]:
    code = sources(IN_PLACE.format(imports=imports, more=more), TORCH_NAMES)
    return [link for link in code.links() if "torch.Tensor." in link]


def test_an_in_place_method_tells_a_tensor_where_torch_is_imported(sources):
    assert in_place(sources) == [
        "5: mul_ -> torch.Tensor.mul_",
        "5: add_ -> torch.Tensor.add_",
        "5: mean -> torch.Tensor.mean",
        "6: zero_ -> torch.Tensor.zero_",
        "7: copy_ -> torch.Tensor.copy_",
    ]


def test_an_in_place_method_tells_nothing_where_torch_is_not_imported(sources):
    assert in_place(sources, imports="import math") == []


def test_an_in_place_method_tells_nothing_when_a_class_of_ours_has_it(sources):
    found = in_place(sources, more="class Own: mul_ = zero_ = None")
    assert found == ["7: copy_ -> torch.Tensor.copy_"]


def test_a_receiver_of_a_known_other_class_is_not_taken_for_a_tensor(sources):
    code = sources(
        """
        import torch, somewhere
        class Own: ...
        def f(own: Own, model: torch.nn.Module):
            own.mul_(1)
            model.mul_(1)
            model.requires_grad_(False)
            somewhere.mul_(1)
            somewhere.thing.mul_(1)
        """,
        TORCH_NAMES,
    )
    titles = [link.partition(" -> ")[2] for link in code.links()]
    assert "torch.Tensor.mul_" not in titles
    assert "torch.nn.Module.requires_grad_" in titles


def test_without_an_inventory_nothing_leads_out_of_the_site(sources):
    code = sources("import torch\ndef f(): torch.zeros(1).add_(f)")
    assert code.links() == ["2: f -> m.f"]
