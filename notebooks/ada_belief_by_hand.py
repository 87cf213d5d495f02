# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # AdaBelief by hand
#
# AdaBelief is five lines of arithmetic. Here we write them, then make them into a class that trains
# networks. After each step we ask two witnesses whether we got it right: our library, and the
# package of the paper's authors.
#
# The idea first. Adam divides each step by how *large* recent gradients were. AdaBelief divides by
# how *surprising* they were: how far each gradient fell from what the running mean had led us to
# believe. Where gradients agree, there is no surprise, and it strides out.
#
# The paper's algorithm has changed over time. Here it is as it stands since 20 December 2020.
# [Which AdaBelief?](../docs/differences.md#which-adabelief) tells what came before.

# %%
# Installs what is missing, which in Colab is a minute's work. Then colors for figures, which suit
# light and dark pages.
import subprocess
import sys
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path

NEEDED = ["..", "matplotlib", "adabelief-pytorch==0.2.1"]
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
# ## Five lines
#
# Let $g_t$ be the gradient at step t. First comes the running mean of the gradients, which is what
# we believe:
#
# $$m_t \leftarrow \beta_1 m_{t-1} + (1 - \beta_1) g_t$$
#
# Then the running mean of the squared surprise, $g_t - m_t$. The tiny $\epsilon$ keeps it above
# zero:
#
# $$s_t \leftarrow \beta_2 s_{t-1} + (1 - \beta_2) (g_t - m_t)^2 + \epsilon$$
#
# Both start at zero, so at first they are too small. Dividing by the sum of the weights so far
# makes them true averages:
#
# $$\hat{m}_t \leftarrow \frac{m_t}{1 - \beta_1^t}$$
#
# $$\hat{s}_t \leftarrow \frac{s_t}{1 - \beta_2^t}$$
#
# And the step: along the belief, divided by the usual surprise.
#
# $$\theta_t \leftarrow \theta_{t-1} - \alpha \frac{\hat{m}_t}{\sqrt{\hat{s}_t} + \epsilon}$$
#
# In Python:

# %%
from math import sqrt


def by_hand(gradients, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-16):
    theta, m, s = 0.0, 0.0, 0.0
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * (g - m) ** 2 + eps
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        theta = theta - lr * m_hat / (sqrt(s_hat) + eps)
        yield theta


# %% [markdown]
# ## Two witnesses
#
# The same gradients go to both packages. The paper's algorithm, without the refinement that comes
# later, is called `rectify=False` in both.

# %%
from contextlib import redirect_stdout
from io import StringIO

import adabelief_pytorch
import torch

import labml_nn_optim

torch.set_default_dtype(torch.float64)


def authors(params, **settings):
    with redirect_stdout(StringIO()):  # the constructor prints
        return adabelief_pytorch.AdaBelief(params, print_change_log=False, **settings)


def fed(make, gradients, **settings):
    """Where a parameter goes that starts at 0 and receives these gradients."""
    theta = torch.zeros(1, requires_grad=True)
    optimizer = make([theta], lr=0.1, **settings)
    for g in gradients:
        theta.grad = torch.tensor([g])
        optimizer.step()
        yield theta.item()


def same(ours, theirs):
    ours, theirs = torch.tensor(list(ours)), torch.tensor(list(theirs))
    return torch.allclose(ours, theirs, rtol=1e-12, atol=1e-14)


torch.manual_seed(0)
noisy = (1 + torch.randn(100)).tolist()

print("the library: ", same(by_hand(noisy), fed(labml_nn_optim.AdaBelief, noisy, rectify=False)))
print("the authors: ", same(by_hand(noisy), fed(authors, noisy, eps=1e-16, rectify=False)))


# %% [markdown]
# Twelve digits. Would a mistake have been noticed? Measure the surprise from the *old* mean, as one
# easily might, and ask again.


# %%
def by_hand_wrong(gradients, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-16):
    theta, m, s = 0.0, 0.0, 0.0
    for t, g in enumerate(gradients, start=1):
        s = beta2 * s + (1 - beta2) * (g - m) ** 2 + eps  # m is one step old
        m = beta1 * m + (1 - beta1) * g
        theta = theta - lr * m / (1 - beta1**t) / (sqrt(s / (1 - beta2**t)) + eps)
        yield theta


print(
    "the library: ", same(by_hand_wrong(noisy), fed(labml_nn_optim.AdaBelief, noisy, rectify=False))
)


# %% [markdown]
# ## What belief does
#
# Adam is the same, with $g_t^2$ in place of $(g_t - m_t)^2$. We feed both with three streams of
# gradients and look at the length of their steps.


# %%
def adam_by_hand(gradients, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    theta, m, v = 0.0, 0.0, 0.0
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        theta = theta - lr * m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps)
        yield theta


print("torch's Adam:", same(adam_by_hand(noisy), fed(torch.optim.Adam, noisy)))

# %% alt="Step lengths: alike for alternating and noisy gradients; for steady ones AdaBelief's grow"
streams = {
    "always 1": [1.0] * 200,
    "1 and −1 in turn": [1.0, -1.0] * 100,
    "1, with noise of size 1": (1 + torch.randn(200)).tolist(),
}


def lengths(thetas):
    return torch.tensor([0.0, *thetas]).diff().abs() / 0.1


figure, plots = plt.subplots(
    3, 1, figsize=(5.2, 6.4), sharex=True, sharey=True, layout="constrained"
)
for axes, (title, stream) in zip(plots, streams.items(), strict=True):
    axes.plot(lengths(adam_by_hand(stream)), HUES["Adam"], label="Adam")
    axes.plot(lengths(by_hand(stream)), HUES["AdaBelief"], label="AdaBelief")
    axes.set_title(title, fontsize=10)
    axes.set_yscale("log")
plots[1].set_ylabel("length of a step, in α")
plots[1].legend()
plots[2].set_xlabel("step")
plt.show()

# %% [markdown]
# At the top, Adam keeps its pace of $\alpha$: gradients are large, and it divides by their size.
# AdaBelief is less and less surprised, and its steps grow. In the middle, each gradient is a
# surprise, and both hardly move. At the bottom there is as much noise as signal, and the two are in
# between: AdaBelief's steps are half as long again as Adam's. So the difference shows where
# gradients agree.
#
# ## Whole tensors, in place
#
# A network has millions of parameters, and each has its own $m$ and $s$. The arithmetic is
# elementwise, so five lines still do. What changes is that tensors are updated *in place*: a new
# tensor for each intermediate value would double the memory.


# %%
def ada_belief_step(param, state, lr, beta1, beta2, eps):
    m, s = state["m"], state["s"]
    state["t"] += 1
    m.lerp_(param.grad, 1 - beta1)  # moves m towards the gradient, by a share 1 − β₁
    surprise = param.grad - m
    s.mul_(beta2).addcmul_(surprise, surprise, value=1 - beta2).add_(eps)
    s_hat = s / (1 - beta2 ** state["t"])
    param.addcdiv_(m, s_hat.sqrt().add_(eps), value=-lr / (1 - beta1 ** state["t"]))


# %% [markdown]
# ## A class
#
# `torch.optim.Optimizer` brings the rest: it sorts parameters into groups, keeps the state, saves
# and loads it. We say what the settings are, and what a step does.


# %%
class MyAdaBelief(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-16):
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for param in group["params"]:
                if param.grad is None:
                    continue
                state = self.state[param]
                if not state:
                    state.update(t=0, m=torch.zeros_like(param), s=torch.zeros_like(param))
                self.update(param, state, group)

    def update(self, param, state, group):
        ada_belief_step(param, state, group["lr"], *group["betas"], group["eps"])


# %% [markdown]
# Now a network, and the same question: does it go where the library goes? Training amplifies small
# differences, so fifty steps are a stern test.


# %%
def trained(make, **settings):
    """All parameters of a small network after fifty steps."""
    torch.manual_seed(1)
    network = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
    inputs = torch.randn(64, 8)
    wanted = inputs.prod(dim=1, keepdim=True)
    optimizer = make(network.parameters(), lr=1e-2, **settings)
    for _ in range(50):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(network(inputs), wanted).backward()
        optimizer.step()
    return torch.nn.utils.parameters_to_vector(network.parameters()).tolist()


mine = trained(MyAdaBelief)
print("the library: ", same(mine, trained(labml_nn_optim.AdaBelief, rectify=False)))
print("the authors: ", same(mine, trained(authors, eps=1e-16, rectify=False)))


# %% [markdown]
# ## The last piece: rectification
#
# After a few steps, $s_t$ has seen a few gradients. A denominator made of so little is a gamble.
# The authors' package, and ours, therefore hold the first steps back by a factor $r_t$ between 0
# and 1, borrowed from RAdam. In the first five steps, where the formula for it is of no use, they
# leave the denominator out. [Why rectify?](why_rectify.ipynb) shows where the formula comes from;
# here we only use it.


# %%
def rectification(t, beta2):
    rho_inf = 2 / (1 - beta2) - 1
    rho = rho_inf - 2 * t * beta2**t / (1 - beta2**t)
    if rho <= 5:
        return None
    return sqrt((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho))


class MyRectifiedAdaBelief(MyAdaBelief):
    def update(self, param, state, group):
        m, s, (beta1, beta2) = state["m"], state["s"], group["betas"]
        state["t"] += 1
        m.lerp_(param.grad, 1 - beta1)
        surprise = param.grad - m
        s.mul_(beta2).addcmul_(surprise, surprise, value=1 - beta2).add_(group["eps"])
        step_size = group["lr"] / (1 - beta1 ** state["t"])
        r = rectification(state["t"], beta2)
        if r is None:
            param.add_(m, alpha=-step_size)
        else:
            step_size *= r * sqrt(1 - beta2 ** state["t"])
            param.addcdiv_(m, s.sqrt().add_(group["eps"]), value=-step_size)


mine = trained(MyRectifiedAdaBelief)
print("the library: ", same(mine, trained(labml_nn_optim.AdaBelief)))
print("the authors: ", same(mine, trained(authors, eps=1e-16, rectify=True)))

# %% [markdown]
# That is the optimizer behind `AdaBelief(params)`: some fifty lines, and nothing hidden.
#
# ## What the library adds
#
# Our class trusts its caller. The library refuses a β of 1 and a sparse gradient, keeps running
# means of half-precision networks in single precision, handles complex numbers and weight decay,
# and loads checkpoints of its relatives. The arithmetic is the one above.
#
# ## Try it yourself
#
# * After two hundred gradients of 1, send a single −1. How much shorter do the steps of the two
#   get, and which of them is back first?
# * Version 2 of the paper does not keep $\epsilon$ in $s_t$, but adds it when $\hat{s}_t$ is
#   computed. Write it, and compare it with the library's `eps_in_state=False`. Take an $\epsilon$
#   of 0.01, so that the difference shows.
#
# [The answers](#answers) are at the end.
#
# ## Where to go on
#
# * [The annotated AdaBelief](../labml_nn_optim/ada_belief.py) is the real source. You will
#   recognize each line.
# * [How implementations differ](../docs/differences.md) lists where other packages put $\epsilon$,
#   and what that changes.
# * [Write your own optimizer](write_your_own.ipynb) makes a page like that one from your own code.

# %% [markdown]
# ## Answers

# %% [markdown]
# ### How much shorter, and who is back first?

# %%
stream = [1.0] * 200 + [-1.0] + [1.0] * 300
for name, by in (("Adam", adam_by_hand), ("AdaBelief", by_hand)):
    long = lengths(by(stream))
    before, after = long[199].item(), long[200:].tolist()
    back = next(step for step, length in enumerate(after) if length >= 0.99 * before)
    print(f"{name:10} {before:.2f} before, {after[0]:.2f} after, back to 99 % after {back} steps")

# %% [markdown]
# Adam's step loses a fifth: $m_t$ falls from 1 to 0.8, and what it divides by stays 1, for the
# square of −1 is 1. AdaBelief's loses twice as much. The mean falls by the same fifth, and there
# was a surprise, so it also divides by more. Adam forgets in some thirty steps, as $\beta_1$ says.
# The surprise stays in $s_t$ for a thousand, and AdaBelief is back only because all the earlier
# surprises fade as well.

# %% [markdown]
# ### Version 2 of the paper


# %%
def version_2(gradients, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-2):
    theta, m, s = 0.0, 0.0, 0.0
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * (g - m) ** 2  # no ε is kept …
        m_hat = m / (1 - beta1**t)
        s_hat = (s + eps) / (1 - beta2**t)  # … it is added here, each time anew
        theta = theta - lr * m_hat / (sqrt(s_hat) + eps)
        yield theta


settings = {"eps": 1e-2, "rectify": False}
library = list(fed(labml_nn_optim.AdaBelief, noisy, eps_in_state=False, **settings))
print("the library: ", same(version_2(noisy), library))
print("as today's:  ", same(version_2(noisy), by_hand(noisy, eps=1e-2)))
far = [list(by(noisy, eps=1e-2))[-1] for by in (version_2, by_hand)]
print(f"after a hundred steps: {far[0]:.2f} by version 2, {far[1]:.2f} by today's")

# %% [markdown]
# Kept in $s_t$, $\epsilon$ adds up: after a hundred steps there are nearly a hundred of it, so
# today's algorithm divides by more and gets less far. With the usual 1e-16 it shows only where
# nothing surprises.
