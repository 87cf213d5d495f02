# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Why rectify?
#
# Train with Adam, and sooner or later somebody tells you to *warm up*: begin with a tiny learning
# rate, and raise it over the first thousand steps. It helps. But why?
#
# The paper on RAdam answers in one sentence: at first, the number that Adam divides by has been
# learned from too little. We will not take its word. We will roll dice, and at the end listen to
# those who disagree.

# %%
# Installs what is missing, which in Colab is a minute's work. Then colors for figures, which suit
# light and dark pages.
import subprocess
import sys
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path

NEEDED = ["..", "matplotlib"]
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
# ## A network that should stay where it is
#
# Take ten thousand parameters, all at their best value, 0. There is nothing to learn. Their
# gradients are pure noise: normal numbers with mean 0. A good optimizer would stay. What does Adam
# do?

# %%
from math import exp, lgamma

import torch

from labml_nn_optim import AdaBelief, Adam, RAdam

torch.set_default_dtype(torch.float64)


def wander(make, steps, **settings):
    """How far ten thousand parameters are from 0 after each step, in units of the learning rate."""
    torch.manual_seed(0)
    theta = torch.zeros(10_000, requires_grad=True)
    optimizer = make([theta], lr=1.0, **settings)
    for _ in range(steps):
        theta.grad = torch.randn(10_000)
        optimizer.step()
        yield theta.detach().square().mean().sqrt().item()


distance = list(wander(Adam, 1))
print(f"distance after the first step of Adam: {distance[0]:.3f}")

# %% [markdown]
# Exactly one learning rate, each of them. At the first step, $\hat{m}_1$ is the gradient $g_1$, and
# $\hat{v}_1$ is its square, so the step is $\alpha g_1 / |g_1|$: a full step for every parameter,
# whatever its gradient. A parameter whose gradient was a millionth moves as far as all others.
#
# That step says nothing about the loss. It is noise at full volume.
#
# ## A factor learned from few samples
#
# Let us look at what noise is multiplied by: $\psi_t = 1 / \sqrt{\hat{v}_t}$, the factor that Adam
# finds for each parameter. All ten thousand parameters see noise of the same size, so they should
# all find the same factor, 1.

# %%
beta2 = 0.999


def factors(steps):
    """The factors of ten thousand parameters after each step."""
    torch.manual_seed(0)
    v = torch.zeros(10_000)
    for t in range(1, steps + 1):
        v = beta2 * v + (1 - beta2) * torch.randn(10_000).square()
        yield (1 - beta2**t) ** 0.5 / v.sqrt()


found = list(factors(1000))
print("  step    the middle 90 % of the factors       the largest")
for t in (1, 2, 5, 10, 100, 1000):
    low, high = found[t - 1].quantile(torch.tensor([0.05, 0.95])).tolist()
    print(f"{t:6}    {low:10.2f} to {high:5.2f}       {found[t - 1].max().item():16.1f}")

# %% [markdown]
# At the first step, one parameter in twenty multiplies its gradient by sixteen or more, and one by
# almost eighteen thousand. After a hundred steps they agree within a tenth or so. *That* is the
# trouble, says the paper: not that early factors are large, but that they are a lottery.
#
# ## The variance, computed and measured
#
# How uncertain is the factor after $\rho$ gradients? Suppose it is made of a plain average of
# $\rho$ squares of normal numbers. Then its square follows a known distribution, the scaled inverse
# $\chi^2$. The variance of the factor can be computed: it takes the gamma function, and is finite
# for every $\rho > 2$. The paper has something simpler, which is good for large $\rho$ and breaks
# down at 4:
#
# $$Var[\psi] \approx \frac{\rho}{2 (\rho - 2) (\rho - 4)}$$
#
# Both are in units of the noise. Adam keeps a running mean rather than a plain one. It weighs old
# gradients less. After t steps it is worth as much as a plain one of so many gradients:
#
# $$\rho_t = \rho_\infty - \frac{2 t \beta_2^t}{1 - \beta_2^t}$$
#
# In the long run that is $\rho_\infty = 2 / (1 - \beta_2) - 1$, or 1999. Does it fit the dice?

# %%
rho_inf = 2 / (1 - beta2) - 1


def rho(t):
    return rho_inf - 2 * t * beta2**t / (1 - beta2**t)


def variance(rho):
    return rho / (2 * (rho - 2) * (rho - 4))


def exact_variance(rho):
    gammas = exp(2 * (lgamma((rho - 1) / 2) - lgamma(rho / 2)))
    return rho * (1 / (rho - 2) - gammas / 2)


# %% alt="Variances fall as one over the step; the dots lie on the exact line from the start"
steps = range(5, 1001)
dots = [5, 6, 8, 10, 15, 20, 30, 50, 100, 200, 500, 1000]
plt.plot(steps, [exact_variance(rho(t)) for t in steps], label="exact")
plt.plot(steps, [variance(rho(t)) for t in steps], ":", label="the paper's")
plt.plot(dots, [found[t - 1].var().item() for t in dots], "o", label="measured")
plt.xscale("log")
plt.yscale("log")
plt.xlabel("step")
plt.ylabel("variance of the factor")
plt.legend()
plt.show()

# %% [markdown]
# The dots lie on the exact line, and approach the paper's, which says too much. At the hundredth
# step it is 2 % too high, at the twentieth 14 %, at step 6 twice the variance, at step 5 three
# times. At step 4 it breaks down, though nothing happens to the factor there. This is why the
# authors' code waits until $\rho_t$ is 5.
#
# ## The remedy
#
# We want each factor to be as uncertain as factors are in the long run, and no more. Multiplying a
# number by r multiplies its variance by $r^2$. So r is the root of the variance in the long run,
# divided by the variance now:
#
# $$
# r_t = \sqrt{\frac{(\rho_t - 4) (\rho_t - 2) \rho_\infty}
# {(\rho_\infty - 4) (\rho_\infty - 2) \rho_t}}
# $$
#
# This is the *rectification*. While $\rho_t$ is 5 or less, RAdam leaves the factor out altogether.
# The exact variance would give nearly the same: 0.038 instead of 0.026 at step 6, and from step 100
# on they agree to a hundredth or so.

# %% alt="The rectification climbs from near 0 to 0.65 at step 1000 and above 0.9 at step 3000"
ours = [RAdam.calc_rectification_term(beta2, t) for t in range(1, 3001)]
computed = [(variance(rho_inf) / variance(rho(t))) ** 0.5 for t in range(6, 3001)]
print(
    "the library's rectification is this formula:",
    torch.allclose(*map(torch.tensor, (ours[5:], computed))),
)
print("steps without it:", ours.index(next(r for r in ours if r is not None)))

plt.plot(range(6, 3001), computed, HUES["RAdam"])
plt.xlabel("step")
plt.ylabel("rectification")
plt.ylim(0, 1)
plt.show()

# %% [markdown]
# Look at the curve: it *is* a warm-up. Nobody tuned it. It follows from $\beta_2$ alone.
#
# ## An older remedy
#
# Is this the reason why warm-ups help? Jerry Ma and Denis Yarats [say
# no](https://arxiv.org/abs/1910.04209), and that a plain warm-up does about as well, without being
# tuned either: let the step size rise in proportion to t, for the first $2 / (1 - \beta_2)$ steps.
# Here are both.

# %% alt="Two curves rise to 1: a straight one until step 2000, and a bent one that starts faster"
plt.plot(range(6, 3001), computed, HUES["RAdam"], label="RAdam")
plain = [min(1, t * (1 - beta2) / 2) for t in range(1, 3001)]
plt.plot(range(1, 3001), plain, "#808080", label="plain")
plt.xlabel("step")
plt.ylabel("share of the step size")
plt.ylim(0, 1.05)
plt.legend()
plt.show()

# %% [markdown]
# The two are cousins. The reason that Ma and Yarats give is another one: not the lottery, but the
# length of the steps. Adam's first is a full one for every parameter, as we saw at the top. Later,
# when noise cancels in the mean, steps are about a quarter of that. Whoever is right about the
# reason, the rule of thumb is the same: start small, and let $\beta_2$ say for how long.
#
# ## Does it keep them at home?
#
# Back to the parameters that should stay where they are.

# %% alt="Adam is soon several learning rates away; RAdam and AdaBelief drift away far more slowly"
for Optimizer in (Adam, RAdam, AdaBelief):
    name = Optimizer.__name__
    plt.plot(list(wander(Optimizer, 200)), HUES[name], label=name)
plt.xlabel("step")
plt.ylabel("distance, in learning rates")
plt.legend()
plt.show()

# %%
print("                      after 10 steps    after 200 steps")
for name, Optimizer, settings in (
    ("Adam", Adam, {}),
    ("RAdam", RAdam, {}),
    ("RAdam, waiting", RAdam, {"degenerate_to_sgd": False}),
    ("AdaBelief", AdaBelief, {}),
    ("AdaBelief, unrectified", AdaBelief, {"rectify": False}),
):
    path = list(wander(Optimizer, 200, **settings))
    print(f"{name:22}{path[9]:14.2f}{path[199]:19.2f}")

# %% [markdown]
# Two things deserve a second look.
#
# *RAdam's first five steps.* Without the factor, they are as long as the gradients are, and here
# the gradients have size 1. `degenerate_to_sgd=False` waits instead.
#
# *AdaBelief* divides by the surprise. Its first surprise is measured from a mean that has already
# moved a tenth of the way to the gradient, so it is a tenth smaller, and the first step is longer
# still. It needs rectification a little more than Adam does.
#
# ## What this does not show
#
# Our parameters had nothing to learn. In a real network the first gradients do carry a signal, and
# a short step wastes it. Rectification buys safety with speed. Where the first steps are harmless,
# Adam without a warm-up is ahead, as in [Start here](start_here.ipynb).
#
# ## Try it yourself
#
# * Set $\beta_2$ to 0.9. At which step does rectification begin now, and how soon is it over?
# * Draw the gradients evenly from an interval around 0, by `torch.rand`, with the same variance. Is
#   the lottery as bad?
#
# [The answers](#answers) are at the end.
#
# ## Where to go on
#
# * [The annotated RAdam](../labml_nn_optim/radam.py#RAdam.calc_rectification_term) derives the
#   formula, step by step, and each of its formulas is checked.
# * [AdaBelief by hand](ada_belief_by_hand.ipynb) puts the rectification to use.
# * [When Adam fails](when_adam_fails.ipynb) has another reason to distrust the denominator.

# %% [markdown]
# ## Answers

# %% [markdown]
# ### A shorter memory

# %%
print("  step    β₂ = 0.9    β₂ = 0.999")
for t in (5, 6, 10, 20, 50, 100, 1000, 3000):
    row = [RAdam.calc_rectification_term(beta2, t) for beta2 in (0.9, 0.999)]
    print(f"{t:6}" + "".join(f"{'none' if r is None else f'{r:.3f}':>12}" for r in row))

# %% [markdown]
# It begins at the same step. At first every gradient counts about the same, whatever $\beta_2$ is,
# so $\rho_t$ is close to the number of gradients. But it is soon over. A short memory never holds
# many gradients: $\rho_\infty$ is 19 instead of 1999. The factor stays uncertain forever, and after
# fifty steps it is hardly more uncertain than that.

# %% [markdown]
# ### Another die

# %%
draws = {
    "normal": lambda: torch.randn(10_000),
    "even": lambda: (2 * torch.rand(10_000) - 1) * 3**0.5,  # from −√3 to √3: the variance is 1
}
print("          step    the middle 90 % of the factors     variance")
for name, draw in draws.items():
    torch.manual_seed(0)
    v = torch.zeros(10_000)
    for t in range(1, 1001):
        v = beta2 * v + (1 - beta2) * draw().square()
        if t in (5, 20, 1000):
            factor = (1 - beta2**t) ** 0.5 / v.sqrt()
            low, high = factor.quantile(torch.tensor([0.05, 0.95])).tolist()
            print(f"{name:8}{t:6}{low:16.2f} to {high:4.2f}{factor.var().item():22.5f}")

# %% [markdown]
# It is a lottery with smaller prizes. Squares of normal numbers have a variance of 2, those of
# numbers drawn evenly have 0.8, and the variance of the factor shrinks by about as much, to 0.4 of
# what it was. So the variance says too much here, and with rare large gradients it would say too
# little. The rectification does not mind: it is a ratio of two such variances, and both shrink.
