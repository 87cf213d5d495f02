import subprocess
import sys

PROGRAM = """
import sys
from labml_nn_optim import Adam
from sidebyside.trace.loader import uncompiled
from torch import tensor

param = tensor([1.0], requires_grad=True)
param.grad = tensor([2.0])
with uncompiled([Adam]):
    Adam([param]).step()
print("torch._dynamo" in sys.modules, round(param.item(), 6))
Adam([param])
print("torch._dynamo" in sys.modules)
"""


def test_marked_methods_run_without_loading_the_compiler_and_are_as_before_afterwards():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "0.999", "True"]
