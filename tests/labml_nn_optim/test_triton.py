"""The kernel for GPUs, interpreted on a CPU, takes the plain step; and Triton compiles it."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("triton", reason="Triton is made for Linux on x86 only")

INTERPRETED = """
import torch
from labml_nn_optim import AdaBelief, Adam, AMSGrad, RAdam
from labml_nn_optim.engine import programs, running

running.BLOCK = 256
programs.OnCPU = running.OnCUDA  # the same table, in memory that the interpreter can read
torch.manual_seed(0)
cases = [
    (Adam, {"weight_decay": 0.1, "maximize": True}), (AMSGrad, {"optimized_update": True}),
    (RAdam, {"capturable": True}), (AdaBelief, {"eps_in_state": False, "amsgrad": True}),
    (AdaBelief, {"rectify": False, "eps": 1e-8}), (Adam, {"state_dtype": torch.bfloat16}),
]
for kind, arguments in cases:
    for dtype in (torch.float32, torch.float64, torch.float16, torch.complex64):
        shapes = [(30, 20), (7,), (5, 0), ()]
        ours = [torch.randn(shape, dtype=dtype).requires_grad_() for shape in shapes]
        plain = [param.detach().clone().requires_grad_() for param in ours]
        one = kind(ours, lr=0.01, fused=True, **arguments)
        other = kind(plain, lr=0.01, fused=False, **{**arguments, "capturable": False})
        for _ in range(8):
            for a, b in zip(ours, plain):
                a.grad = torch.randn_like(a)
                b.grad = a.grad.clone()
            one.step()
            other.step()
        assert "group 0: compiled" in repr(one), repr(one)
        exact = 8 * torch.finfo(dtype).eps
        for a, b in zip(ours, plain):
            torch.testing.assert_close(a, b, rtol=exact, atol=exact)
            assert one.state[a]["step"].item() == 8
print(len(programs._programs), "programs")
"""

COMPILED = """
import torch, triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from labml_nn_optim import AdaBelief
from labml_nn_optim.engine import compiler, programs, running

compiler.find_compiler()  # tensors are read by a function of C

made = []
class Kept(running.OnCUDA):
    def __init__(self, trace):
        super().__init__(trace)
        made.append(self)
        raise RuntimeError("enough")
programs.OnCPU = Kept

class Unusual(AdaBelief):
    def step_param(self, state, group, grad, param):
        super().step_param(state, group, grad.abs().pow(group["eps"]).tanh(), param)

other = torch.ones(2**15, requires_grad=True)
other.grad = torch.ones_like(other)
unusual = Unusual([other], eps=1.5)
for _ in range(6):
    unusual.step()
for dtype in (torch.float32, torch.bfloat16):
    param = torch.ones(2**15, dtype=dtype, requires_grad=True)
    for capturable in (False, True):
        optimizer = AdaBelief([param], capturable=capturable, eps=1e-8)
        for _ in range(6):
            param.grad = torch.ones_like(param)
            optimizer.step()
assert len(made) == 5
pointers = {"words": "*i64", "rows": "i32", "numbers": "*fp64", "sets": "i32",
            "block_rows": "*i32", "block_starts": "*i32"}
for each in made:
    for aligned in (True, False):
        source = ASTSource(
            each._kernel, {**pointers, "BLOCK": "constexpr", "ALIGNED": "constexpr"},
            {"BLOCK": 2048, "ALIGNED": aligned},
        )
        target = GPUTarget("cuda", 90, 32)
        compiled = triton.compile(source, target=target, options={"num_warps": 8})
        assert compiled.asm["ptx"].count("st.global") >= 3
"""


@pytest.mark.parametrize(("code", "interpreted"), [(INTERPRETED, "1"), (COMPILED, "0")])
def test_the_printed_kernel(code: str, interpreted: str, tmp_path: object) -> None:
    # In a process of its own: Triton is told at its import whether to interpret.
    environment = {**os.environ, "TRITON_INTERPRET": interpreted, "TRITON_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
