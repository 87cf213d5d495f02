# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Start here: train, plot, save, resume
#
# An optimizer is one line of a training loop. In ten minutes you will put two of ours on that line,
# see what they do, stop half-way, and go on as if nothing had happened.
#
# The data are scikit-learn's handwritten digits: 1,797 images of 8 × 8 pixels. They come with the
# package, so nothing is downloaded.

# %%
# Installs what is missing, which in Colab is a minute's work. Then colors for figures, which suit
# light and dark pages.
import subprocess
import sys
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path

NEEDED = ["..", "matplotlib", "scikit-learn"]
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
# ## The data, and a network
#
# Three hundred images are held out. The network never trains on them, so they tell us what it has
# really learned.

# %%
import torch
from sklearn.datasets import load_digits
from torch.nn.functional import cross_entropy

images, labels = (torch.tensor(array) for array in load_digits(return_X_y=True))
images = images.float() / 16

torch.manual_seed(0)
order = torch.randperm(len(images))
held_out, training = order[:300], order[300:]
print(len(training), "images to train on,", len(held_out), "held out")


# %%
def new_network():
    torch.manual_seed(1)  # the same start for everyone, so that only the optimizers differ
    return torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))


def accuracy(network):
    with torch.no_grad():
        right = network(images[held_out]).argmax(dim=1) == labels[held_out]
    return right.float().mean().item()


# %% [markdown]
# ## One line changes
#
# Here is all of training. The optimizer is made by the caller. The loop does not know which one it
# is: every optimizer has `zero_grad` and `step`.


# %%
def train(network, optimizer, steps, first=0):
    losses = []
    for step in range(first, first + steps):
        torch.manual_seed(step)  # step 7 sees the same images in every run
        batch = training[torch.randint(len(training), (64,))]
        loss = cross_entropy(network(images[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


# %% [markdown]
# Now the line that differs. `lr`, the learning rate, is the number to choose with care. In Adam it
# is a length: about how far a parameter moves in one step where gradients agree. In AdaBelief steps
# grow longer there.

# %%
from labml_nn_optim import AdaBelief, Adam

curves = {}
for Optimizer in (Adam, AdaBelief):
    network = new_network()
    optimizer = Optimizer(network.parameters(), lr=1e-2)  # <- the line
    curves[Optimizer.__name__] = train(network, optimizer, steps=300)
    print(f"{Optimizer.__name__}: {accuracy(network):.0%} of the held-out images are right")

# %% [markdown]
# A third run will explain the picture: AdaBelief with one of its settings turned off.

# %%
network = new_network()
optimizer = AdaBelief(network.parameters(), lr=1e-2, rectify=False)
unrectified = train(network, optimizer, steps=300)
print(f"AdaBelief, rectify=False: {accuracy(network):.0%} of the held-out images are right")


# %% alt="Three falling losses; AdaBelief's is the highest, and without rectification the lowest"
def smooth(values, width=15):
    """Means of a few neighbors: each batch is another one, so single losses jump about."""
    windows = torch.tensor(values).unfold(0, width, 1)
    return windows.mean(dim=1)


for name, losses in curves.items():
    plt.plot(smooth(losses), HUES[name], label=name)
plt.plot(smooth(unrectified), ":", color=HUES["AdaBelief"], label="AdaBelief, rectify=False")
plt.yscale("log")
plt.xlabel("step")
plt.ylabel("loss on the batch")
plt.legend()
plt.show()

# %% [markdown]
# AdaBelief is slower to start. By default it *rectifies*, which is a warm-up built in. Five steps
# along the gradient, divided by nothing, and here gradients are small; then steps that are
# shortened, at first to a fortieth. [Why rectify?](why_rectify.ipynb) tells the reason. Its loss on
# the batches stays the larger one here, but on held-out images both are about as good. On a small
# problem with a good learning rate, most optimizers are.
#
# The dotted curve is the proof: without rectification AdaBelief starts as fast as Adam, and even a
# little faster. The warm-up is the price of a safe start, and this network did not need one.
#
# ## What the learning rate does
#
# Before you compare optimizers, compare learning rates. Here is each of the two with five of them.

# %%
print("learning rate      Adam   AdaBelief")
for lr in (1e-4, 1e-3, 1e-2, 1e-1, 1):
    row = []
    for Optimizer in (Adam, AdaBelief):
        network = new_network()
        train(network, Optimizer(network.parameters(), lr=lr), steps=100)
        row.append(accuracy(network))
    print(f"{lr:13g}     {row[0]:5.0%}       {row[1]:5.0%}")

# %% [markdown]
# Read down a column. Too small, and a hundred steps lead nowhere. Too large, and Adam's steps undo
# each other. Now read across: at 0.001 Adam is far ahead, at 1 it is AdaBelief, and at 0.1 they are
# alike. A comparison of two optimizers at one learning rate says little. It may show only which of
# them that number suits.
#
# ## Save, and resume
#
# Suppose the machine stops after 150 steps. A checkpoint needs two things: the network, and what
# the optimizer *remembers*. Adam and AdaBelief keep two running means for each parameter, and
# without them they are beginners again.

# %%
from pathlib import Path
from tempfile import mkdtemp

file = Path(mkdtemp()) / "checkpoint.pt"

network = new_network()
optimizer = AdaBelief(network.parameters(), lr=1e-2)
before = train(network, optimizer, steps=150)
torch.save({"network": network.state_dict(), "optimizer": optimizer.state_dict()}, file)

for name, value in optimizer.state[network[0].bias].items():
    print(f"{name:12} {tuple(value.shape)}")

# %% [markdown]
# Later, perhaps in another program, make both anew and fill them in.

# %%
checkpoint = torch.load(file)

network = new_network()
network.load_state_dict(checkpoint["network"])
optimizer = AdaBelief(network.parameters())
optimizer.load_state_dict(checkpoint["optimizer"])  # brings its lr with it
after = train(network, optimizer, steps=150, first=150)

print("as if never interrupted:", before + after == curves["AdaBelief"])

# %% [markdown]
# Equal to the last bit. And if the optimizer's memory is forgotten? Only the network is loaded
# here:

# %%
forgetful = new_network()
forgetful.load_state_dict(checkpoint["network"])
without = train(forgetful, AdaBelief(forgetful.parameters(), lr=1e-2), steps=150, first=150)

# %% alt="The run without the memory has the higher loss from step 150 on"
steps = range(150, 150 + len(smooth(after, 5)))
plt.plot(steps, smooth(after, 5), HUES["AdaBelief"], label="resumed")
plt.plot(steps, smooth(without, 5), "#808080", label="resumed without the optimizer's memory")
plt.yscale("log")
plt.xlabel("step")
plt.ylabel("loss on the batch")
plt.ylim(0.05)
plt.legend(loc="lower left")
plt.show()

# %% [markdown]
# It does not collapse: the gradients are small by now, so the five plain steps are short, and those
# after them are held back. But it has lost ground, and does not make it up. Adam in its place would
# begin with a full step for every parameter, and make the loss jump.
#
# ## What to remember
#
# * Changing the optimizer changes one line. The loop stays.
# * The learning rate matters more than the name of the optimizer. Try a few, a factor of ten apart.
# * Save the optimizer with the network, and resuming changes nothing.
#
# ## Try it yourself
#
# * Put `RAdam` on the line, imported like the two others. Whose curve does its own resemble at the
#   start, and why?
# * Let Adam forget its memory half-way, instead of AdaBelief. How far does the loss jump?
#
# [The answers](#answers) are at the end.
#
# ## Where to go on
#
# * [AdaBelief by hand](ada_belief_by_hand.ipynb) builds the optimizer you just used, from five
#   lines.
# * [The annotated AdaBelief](../labml_nn_optim/ada_belief.py) is its source, beside its formulas.
# * [A guide to PyTorch optimizers](../docs/guide.md) explains groups, state, schedulers and
#   closures.

# %% [markdown]
# ## Answers

# %% [markdown]
# ### Whose curve does RAdam's resemble?

# %%
from labml_nn_optim import RAdam

network = new_network()
curves["RAdam"] = train(network, RAdam(network.parameters(), lr=1e-2), steps=300)

print("loss at step    Adam   AdaBelief   RAdam")
for step in (0, 5, 20, 50, 100, 200):
    row = [curves[name][step] for name in ("Adam", "AdaBelief", "RAdam")]
    print(f"{step:12}{row[0]:8.3f}{row[1]:12.3f}{row[2]:8.3f}")
print("AdaBelief and RAdam begin alike:", curves["AdaBelief"][:6] == curves["RAdam"][:6])

# %% [markdown]
# AdaBelief's. For five steps the two *are* the same: neither divides, so both follow the running
# mean of the gradient. Then both shorten their steps by the same factor. What they divide by
# differs: AdaBelief divides by the surprise, which is the smaller number where gradients agree, and
# so it is a little ahead.

# %% [markdown]
# ### How far does Adam's loss jump?


# %%
def mean(losses):
    return sum(losses) / len(losses)


print("mean loss of steps        150 to 159   250 to 299")
for Optimizer in (Adam, AdaBelief):
    network = new_network()
    optimizer = Optimizer(network.parameters(), lr=1e-2)
    train(network, optimizer, steps=150)
    forgetful = new_network()
    forgetful.load_state_dict(network.state_dict())
    remembered = train(network, optimizer, steps=150, first=150)
    forgot = train(forgetful, Optimizer(forgetful.parameters(), lr=1e-2), steps=150, first=150)
    for what, losses in (("remembers", remembered), ("forgot", forgot)):
        start, end = mean(losses[:10]), mean(losses[100:])
        print(f"{Optimizer.__name__:10} {what:12}{start:13.3f}{end:13.3f}")

# %% [markdown]
# By more than half of what it was, and then it recovers: at the end Adam is where it would have
# been anyway. AdaBelief does it the other way round. It jumps by next to nothing, and has not yet
# caught up at the end.
