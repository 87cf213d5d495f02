# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # When Adam fails
#
# Adam divides each gradient by the usual size of gradients. That is its strength: the scale of the
# loss cancels. It is also its weakness, for size can be information.
#
# First we look at a problem with one parameter on which Adam walks the wrong way, forever. Then at
# three surfaces where it merely dawdles. And we ask each time whether the failure is Adam's, or
# that of a number we chose.

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
# ## The wrong way, forever
#
# This example is from the paper on AMSGrad. A parameter may be anywhere between −1 and 1. In every
# third step its gradient is 3, in the two others −1. Three steps together push with 3 − 1 − 1 = 1,
# so the best place is −1. We forget quickly, with $\beta_1 = 0$ and $\beta_2 = 0.1$.

# %%
import torch

from labml_nn_optim import AdaBelief, Adam, AMSGrad

torch.set_default_dtype(torch.float64)


def walk(make, steps=600, **settings):
    theta = torch.zeros(1, requires_grad=True)
    optimizer = make([theta], lr=0.02, **settings)
    for step in range(steps):
        theta.grad = torch.tensor([3.0 if step % 3 == 0 else -1.0])
        optimizer.step()
        with torch.no_grad():
            theta.clamp_(-1, 1)
        yield theta.item()


# %% alt="Adam climbs to +1 and stays there; AMSGrad goes down to −1"
for Optimizer in (Adam, AMSGrad):
    name = Optimizer.__name__
    plt.plot(list(walk(Optimizer, betas=(0.0, 0.1))), HUES[name], label=name)
plt.axhline(-1, color="#808080", linestyle=":", label="the best place")
plt.xlabel("step")
plt.ylabel("θ")
plt.legend()
plt.show()

# %% [markdown]
# How can it? Look at three steps in a row, far from the walls.

# %%
moves = torch.tensor([0.0, *walk(Adam, steps=30, betas=(0.0, 0.1))]).diff() / 0.02
for gradient, move in zip((3, -1, -1), moves[-3:].tolist(), strict=True):
    print(f"gradient {gradient:2}: a move of {move:+.2f} α")
print(f"together:     {moves[-3:].sum().item():+.2f} α")

# %% [markdown]
# The large gradient arrives, raises the running mean at once, and is divided by its own size. It
# moves θ by about one $\alpha$. By the time the small ones come, the running mean has forgotten,
# and each of them is worth almost as much. Two small steps one way, one small step the other: the
# size of the gradient, which was all that mattered, is gone.
#
# AMSGrad divides by the *largest* running mean so far. Now all three are divided by the same
# number, and 3 outweighs 1 + 1.
#
# ## Is it Adam, or is it β₂?
#
# Nobody trains with $\beta_2 = 0.1$. Let us ask more fairly. The large gradient may be rarer: n in
# every n-th step and −1 in the others still adds up to +1. Adam's operations are elementwise, so
# one tensor can hold the walks for four values of n. We let them settle, and ask where they are
# heading.


# %%
def heading(make, beta2):
    """How far four walks get in the second half of 3030 steps; below 0 is right."""
    n = torch.tensor([3.0, 11.0, 41.0, 101.0])
    theta = torch.zeros(4, requires_grad=True)
    optimizer = make([theta], lr=1e-3, betas=(0.0, beta2))
    for step in range(3030):
        if step == 1515:
            half_way = theta.tolist()
        theta.grad = torch.where(step % n == 0, n, -1.0)
        optimizer.step()
    return [end - middle for end, middle in zip(theta.tolist(), half_way, strict=True)]


print("               " + "".join(f"{f'n = {n}':>10}" for n in (3, 11, 41, 101)))
for Optimizer, beta2 in ((Adam, 0.1), (Adam, 0.9), (Adam, 0.99), (Adam, 0.999), (AMSGrad, 0.999)):
    ways = ["right" if moved < 0 else "wrong" for moved in heading(Optimizer, beta2)]
    print(f"{Optimizer.__name__:8} {beta2:<6}" + "".join(f"{way:>10}" for way in ways))

# %% [markdown]
# A longer memory helps, and each has its limit. One can estimate it. Between two large gradients,
# the running mean fades by a share of about $n (1 - \beta_2)$, half of that on average, and a root
# halves it again. So the small gradients weigh too much by a share of $n (1 - \beta_2) / 4$, and
# there are n of them. Their excess outgrows the true push, which is 1, when
#
# $$n > \frac{2}{\sqrt{1 - \beta_2}}$$
#
# That is 2, 6, 20 and 63 for the four rows of Adam. The table agrees. (With the usual $\beta_1$ of
# 0.9, two more entries become right: that of 0.9 at n = 11, and that of 0.1 at n = 3, which is the
# paper's own example. And the limit for 0.999 rises to 73.)
#
# So the failure is real, and with usual settings it takes a special kind of data: what matters
# comes less than once in seventy steps, and all the rest pulls the other way, almost as strongly.
# At n = 101, a large gradient of 105 instead of 101 is enough to set Adam right. If that is your
# case, try AMSGrad, or a larger $\beta_2$.
#
# ## Where Adam dawdles
#
# The paper on AdaBelief draws paths on surfaces: a long valley, for example, where the gradient is
# small and steady along the floor, and flips its sign across it. Here are three. Each is a function
# of x and y, with a start and a lowest point.


# %%
def valley(x, y):
    return (x + y) ** 2 + (x - y) ** 2 / 10


def beale(x, y):
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


surfaces = {
    "valley": (valley, (-4.0, -1.0), (0.0, 0.0)),
    "Beale": (beale, (1.0, 1.0), (3.0, 0.5)),
    "Rosenbrock": (rosenbrock, (-1.0, 1.5), (1.0, 1.0)),
}
functions, starts, goals = zip(*surfaces.values(), strict=True)


def paths(make, steps, **settings):
    """All three paths at once: a tensor of steps × surfaces × (x, y)."""
    points = torch.tensor(starts, requires_grad=True)
    optimizer = make([points], **settings)
    visited = [points.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        sum(f(x, y) for f, (x, y) in zip(functions, points, strict=True)).backward()
        optimizer.step()
        visited.append(points.detach().clone())
    return torch.stack(visited)


# %% [markdown]
# The first race is the one that pictures usually show: everyone runs with the same learning rate.
# `rectify=False` is the paper's algorithm.


# %%
def momentum(params, **settings):
    return torch.optim.SGD(params, momentum=0.9, **settings)


def ada_belief(params, **settings):
    return AdaBelief(params, rectify=False, **settings)


runners = {"Adam": Adam, "AdaBelief": ada_belief, "SGD with momentum": momentum}

# %% alt="Above, two paths into a valley; below, AdaBelief is at the lowest point long before Adam"
figure, (above, below) = plt.subplots(2, 1, figsize=(5.2, 5.6), layout="constrained")
x, y = torch.meshgrid(torch.linspace(-5, 1, 80), torch.linspace(-2, 4, 80), indexing="xy")
above.contour(x, y, valley(x, y).sqrt(), levels=9, colors="#808080", alpha=0.4, linewidths=0.7)
for name, marker in (("Adam", "o"), ("AdaBelief", "s")):
    visited = paths(runners[name], steps=1000, lr=0.01)[:, 0]
    look = {"color": HUES[name], "label": name}
    above.plot(*visited[:500:50].T, marker=marker, markersize=5, alpha=0.8, **look)
    below.plot(visited.norm(dim=1), **look)
above.set_title("valley: every 50th step, up to 450", fontsize=10)
below.set_title("distance from its lowest point", fontsize=10)
below.set_xlabel("step")
above.legend()
plt.show()

# %% [markdown]
# Both go down the slope and turn into the valley. There AdaBelief is far ahead. Along the floor
# gradients agree, so it is not surprised, divides by little, and strides out. Adam divides by their
# size and keeps to 0.01 per step.
#
# Now the second race. Each runner may choose a learning rate. We count the steps until it first
# comes within 0.1 of the lowest point.


# %%
def steps_needed(make, lr, limit=1000):
    distances = (paths(make, limit, lr=lr) - torch.tensor(goals)).norm(dim=2)
    reached = distances < 0.1
    return [int(r.int().argmax()) if r.any() else limit for r in reached.T]


def shown(steps):
    return f"{steps if steps < 1000 else '–':>12}"


best = {}
print("steps to the goal, – for 1000 or more\n")
print(f"{'':28}" + "".join(f"{name:>12}" for name in surfaces))
for name, make in runners.items():
    found = []
    for lr in (0.001, 0.01, 0.1, 1.0):
        found.append(steps_needed(make, lr))
        print(f"{name:20}{lr:8g}" + "".join(map(shown, found[-1])))
    best[name] = [min(column) for column in zip(*found, strict=True)]

print()
for name, counts in best.items():
    print(f"{name:20}    best" + "".join(map(shown, counts)))

# %% [markdown]
# At the same learning rate AdaBelief is ahead of Adam nearly everywhere, and most where that is
# small. Compare the best of each, and little is left of it: each of the two wins somewhere, and so
# does plain momentum. Nothing keeps anybody from giving Adam the learning rate it needs.
#
# So what does the picture show? Not that one optimizer is faster, but that one suffers less from a
# learning rate that is too small. That is worth something. It is not what the picture says. And
# momentum shows the opposite: it is as fast as any at the right learning rate, and in half of the
# table's entries it never arrives.
#
# ## Where AdaBelief fails
#
# It is only fair. With $\beta_1 = 0$ the running mean is the gradient itself, nothing ever
# surprises, and $\epsilon$ is all that the step is divided by. And the larger $\epsilon$ is, the
# less it adapts. Adam's users are accustomed to 1e-8.

# %%
for label, settings in (
    ("the default", {}),
    ("eps=1e-8", {"eps": 1e-8}),
    ("eps=1e-4", {"eps": 1e-4}),
    ("betas=(0, 0.999)", {"betas": (0.0, 0.999)}),
):
    theta = torch.zeros(2, requires_grad=True)
    optimizer = AdaBelief([theta], lr=1e-3, rectify=False, **settings)
    torch.manual_seed(0)
    for _ in range(200):
        theta.grad = torch.tensor([1.0, 1e-3]) * (1 + torch.randn(1))  # two scales of one problem
        optimizer.step()
    print(f"{label:18} moved {-theta[0].item():9.3g} and {-theta[1].item():9.3g}")

# %% [markdown]
# Both parameters see the same gradients, once in meters and once in kilometers, so to speak. The
# first row treats them alike. With a larger $\epsilon$ the second one is left behind. That is the
# way to gradient descent with momentum, which would move the first a thousand times as far. And
# without belief the steps explode. (Its authors advise 1e-8 all the same where gradient descent
# does well, and [used it for images](../docs/differences.md#eps-of-the-paper). It is a choice, and
# one should know that one makes it.)
#
# ## What to remember
#
# * Adam forgets. What is rare, it underrates, and the more so the smaller $\beta_2$ is. AMSGrad
#   does not forget.
# * A race at one learning rate tells which optimizer the number suits.
# * AdaBelief needs its own $\epsilon$ and some $\beta_1$.
#
# ## Try it yourself
#
# * By the estimate, a $\beta_2$ of 0.9999 is safe up to n = 200. Is it? Make the walks longer: so
#   long a memory takes its time.
# * Start the three paths elsewhere. Who arrives first, with the same learning rate, and each at its
#   best?
#
# [The answers](#answers) are at the end.
#
# ## Where to go on
#
# * [The annotated AMSGrad](../labml_nn_optim/amsgrad.py): the remedy is one line.
# * [The annotated AdaBelief](../labml_nn_optim/ada_belief.py) has a section on $\epsilon$.
# * [Why rectify?](why_rectify.ipynb) is about a third trouble with the denominator.

# %% [markdown]
# ## Answers

# %% [markdown]
# ### Is it safe up to 200?


# %%
def last_round(n, beta2, rounds=400):
    """Where Adam goes in the last n steps of many, in α: n once, and −1 in the others."""
    v = theta = 0.0
    visited = []
    for step in range(rounds * n):
        gradient = -1.0 if step % n else float(n)
        v = beta2 * v + (1 - beta2) * gradient**2
        theta -= gradient / (v / (1 - beta2 ** (step + 1))) ** 0.5
        visited.append(theta)
    return visited[-1] - visited[-1 - n]


for n in (101, 151, 199, 200, 201, 202, 251):
    moved = last_round(n, beta2=0.9999)
    print(f"n = {n}: {moved:+.4f} α, {'right' if moved < 0 else 'wrong'}")

# %% [markdown]
# It is, to the step. But just below its limit Adam hardly moves: there, the push is nearly used up.
#
# We look at one whole round, from a large gradient to the next. A walk that ends in the midst of a
# round shows where in the round it is, rather than where it is heading.

# %% [markdown]
# ### Three other starts

# %%
starts = ((-4.0, 3.0), (1.0, -1.0), (-1.5, -1.0))
print("steps to the goal, – for 1000 or more\n")
print(f"{'':28}" + "".join(f"{name:>12}" for name in surfaces))
for name, make in runners.items():
    found = [steps_needed(make, lr) for lr in (0.001, 0.01, 0.1, 1.0)]
    print(f"{name:20}    0.01" + "".join(map(shown, found[1])))
    print(f"{name:20}    best" + "".join(map(shown, map(min, zip(*found, strict=True)))))

# %% [markdown]
# The same again. At one learning rate AdaBelief needs a third of Adam's steps; each at its best,
# they are close, and neither wins everywhere. Other starts, other winners: try some.
