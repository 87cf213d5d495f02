"""
# Language: the next character

Python comes with its own manual: `pydoc_data.topics`, in Python 3.11 about 465,000 characters of
English with code in between. Two small models learn to guess the next character, a recurrent one
(LSTM) and a transformer. Held out is text they have not seen, and the score is in *bits per
character*: the number of yes-or-no questions that a good coder would still need for each character.
Guessing without any knowledge takes about 6.7, the binary logarithm of 103 different characters.

The AdaBelief paper trains LSTMs on words. Transformers are what most people train today, and what
Adam is usually chosen for; the authors of AdaBelief have [results of their
own](https://github.com/juntang-zhuang/transformer-adabelief).

The text differs a little between versions of Python, and so do the results.

```
python -m experiments.text --model lstm --optimizer adabelief --lr 3e-3
```
"""

from __future__ import annotations

import math
from functools import cache
from pydoc_data import topics

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, as everybody calls it

from experiments.command import main
from experiments.runs import Run
from experiments.training import Task, initialized

# How far back a model sees, in characters.
LENGTH = 48


@cache
def corpus() -> tuple[dict[str, Tensor], int]:
    """
    ## The text as numbers, split in three, and how many different characters there are

    In one piece each: the end of the manual is unlike its beginning, as new text is.
    """
    text = "\n".join(topics.topics[name] for name in sorted(topics.topics))
    letters = sorted(set(text))
    number = {letter: i for i, letter in enumerate(letters)}
    numbers = torch.tensor([number[letter] for letter in text])
    held = LENGTH * 160 + 1
    train = numbers[: -2 * held]
    parts = {"train": train, "validation": numbers[-2 * held : -held], "test": numbers[-held:]}
    return parts, len(letters)


class LSTM(nn.Module):
    """## One recurrent layer"""

    def __init__(self, letters: int, width: int = 64) -> None:
        """### Letters to vectors, vectors to states, states to scores"""
        super().__init__()
        self.embedding = nn.Embedding(letters, width)
        self.lstm = nn.LSTM(width, width, batch_first=True)
        self.output = nn.Linear(width, letters)

    def forward(self, text: Tensor) -> Tensor:
        """### Scores for each next character"""
        states, _ = self.lstm(self.embedding(text))
        scores: Tensor = self.output(states)
        return scores


class Transformer(nn.Module):
    """## One layer of attention, each position seeing only what came before"""

    def __init__(self, letters: int, width: int = 64) -> None:
        """### Letters and positions to vectors, then attention, then scores"""
        super().__init__()
        self.embedding = nn.Embedding(letters, width)
        self.positions = nn.Parameter(0.02 * torch.randn(LENGTH, width))
        # Normalization comes first, which trains without a warm-up. No dropout: the training is too
        # short to overfit.
        self.layer = nn.TransformerEncoderLayer(
            width, 4, 2 * width, dropout=0.0, batch_first=True, norm_first=True
        )
        self.norm = nn.LayerNorm(width)
        self.output = nn.Linear(width, letters)
        mask = nn.Transformer.generate_square_subsequent_mask(LENGTH)
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, text: Tensor) -> Tensor:
        """### Scores for each next character"""
        x = self.embedding(text) + self.positions
        x = self.layer(x, src_mask=self.mask, is_causal=True)
        scores: Tensor = self.output(self.norm(x))
        return scores


class Language(Task):
    """## Guess the next character"""

    model_class: type[nn.Module]

    def __init__(self, run: Run) -> None:
        """### Text, model, optimizer"""
        super().__init__(run)
        self.parts, letters = corpus()
        self.model = initialized(run.seed, lambda: self.model_class(letters))
        self.modules["model"] = self.model
        self.optimizer = self.optimize("optimizer", self.model.parameters())

    def loss(self, windows: Tensor) -> Tensor:
        """
        ### Bits per character

        The mean, over all characters but the first, of minus the logarithm of the probability that
        the model gave to the right one. Dividing by the logarithm of 2 turns it into bits.
        """
        scores = self.model(windows[:, :-1])
        return F.cross_entropy(scores.flatten(0, 1), windows[:, 1:].flatten()) / math.log(2)

    def step(self) -> float:
        """
        ### Descend on 16 windows of the text

        The gradient's length is capped at 1. Recurrent models need it, and the same for all is
        fair.
        """
        text = self.parts["train"]
        starts = torch.randint(len(text) - LENGTH, (16, 1), generator=self.random)
        loss = self.loss(text[starts + torch.arange(LENGTH + 1)])
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        return loss.item()

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """### Bits per character on text it has not seen"""
        return {
            name: self.loss(self.parts[name].unfold(0, LENGTH + 1, LENGTH)).item()
            for name in ("validation", "test")
        }


class LSTMLanguage(Language):
    """## The recurrent model"""

    steps = 300
    records = 8
    model_class = LSTM


class TransformerLanguage(Language):
    """## The transformer"""

    steps = 300
    records = 8
    model_class = Transformer


VARIANTS: dict[str, type[Task]] = {"lstm": LSTMLanguage, "transformer": TransformerLanguage}

if __name__ == "__main__":
    main(__doc__, {"lstm": "lstm", "transformer": "transformer"}, "--model")
