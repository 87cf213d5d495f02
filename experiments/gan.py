"""
# A GAN: a generator of digits, and its critic

Two networks against each other. The critic learns to tell real digits from made-up ones, the
generator to make it fail. Neither has a loss that simply goes down, and the pair may swing instead
of settle. So this is a test of stability: the AdaBelief paper claims that its steps, small where
gradients surprise, train GANs more reliably than Adam's.

The kind is WGAN-GP: the critic's score is kept from rising too steeply by a penalty. How good the
made digits are is told by the Fréchet distance: a small classifier, trained once and never again,
looks at real and at made digits, and the distance is how far apart the two clouds of its features
lie.

Source: Ishaan Gulrajani, Faruk Ahmed, Martin Arjovsky, Vincent Dumoulin and Aaron Courville,
*Improved Training of Wasserstein GANs*, 2017,
[arXiv:1704.00028](https://arxiv.org/abs/1704.00028), Algorithm 1.

```
python -m experiments.gan --optimizer adabelief --lr 1e-3 --seed 3
```
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812, as everybody calls it

from experiments.command import main
from experiments.digits import easy, network
from experiments.runs import Run
from experiments.training import Task, initialized

NOISE = 16  # numbers that the generator makes a digit from


@cache
def classifier() -> nn.Module:
    """
    ## The fixed judge

    It has the shape of the network that the image experiment trains, and is trained by plain
    gradient descent with settings of its own. All runs share it. Its features are what its last
    layer sees, squeezed to 16 numbers, so that 497 images are enough for a covariance.
    """
    images, labels = easy()["train"]
    random = torch.Generator().manual_seed(2)

    def make() -> nn.Sequential:
        body = list(network(8).children())[:-1]
        return nn.Sequential(*body, nn.Linear(64, 16), nn.Tanh(), nn.Linear(16, 10))

    model = initialized(2, make)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(300):
        batch = torch.randint(len(images), (64,), generator=random)
        loss = F.cross_entropy(model(images[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    judge = nn.Sequential(*list(model.children())[:-1])
    return judge.requires_grad_(False)


def moments(images: Tensor) -> tuple[Tensor, Tensor]:
    """### Mean and covariance of the judge's features"""
    features = classifier()(images).double()
    return features.mean(0), features.T.cov()


def frechet(ours: tuple[Tensor, Tensor], theirs: tuple[Tensor, Tensor]) -> float:
    r"""
    ## The Fréchet distance of two clouds

    For clouds with means $μ$, $ν$ and covariances $A$, $B$, taken for normal distributions, its
    square is

    $$\lVert \mu - \nu \rVert^2 + \operatorname{tr}\left(A + B - 2 (A B)^{1/2}\right)$$

    The trace of the root is the sum of the roots of the eigenvalues of $A·B$, which are those of
    the symmetric $√A·B·√A$: real, and at least 0 but for rounding. As is the custom, the square is
    what is reported.
    """
    (mean_a, cov_a), (mean_b, cov_b) = ours, theirs
    values, vectors = torch.linalg.eigh(cov_a)
    root = vectors @ torch.diag(values.clamp(min=0).sqrt()) @ vectors.T
    common = torch.linalg.eigvalsh(root @ cov_b @ root).clamp(min=0).sqrt().sum()
    distance = (mean_a - mean_b).square().sum() + cov_a.trace() + cov_b.trace() - 2 * common
    value: float = distance.item()
    return value


def layers(*widths: int) -> nn.Sequential:
    """### Linear layers of these widths, with a leaky bend between them"""
    parts: list[nn.Module] = []
    for before, after in pairwise(widths):
        parts += [nn.Linear(before, after), nn.LeakyReLU(0.2)]
    return nn.Sequential(*parts[:-1])


class GAN(Task):
    """
    ## Generator and critic

    $β₁$ is 0.5, as in the table of the AdaBelief authors' README. (The paper on the penalty has 0,
    and five steps of the critic where we take three.) The step size is constant.
    """

    steps = 300
    betas = (0.5, 0.999)
    decays = False

    def __init__(self, run: Run) -> None:
        """### Two networks, and an optimizer for each"""
        super().__init__(run)
        self.images = easy()["train"].images.flatten(1)
        self.references = {name: moments(easy()[name].images) for name in ("validation", "test")}
        self.generator = initialized(
            run.seed, lambda: nn.Sequential(layers(NOISE, 64, 64, 64), nn.Sigmoid())
        )
        self.critic = initialized(run.seed + 1000, lambda: layers(64, 64, 64, 1))
        self.modules |= {"generator": self.generator, "critic": self.critic}
        self.generator_optimizer = self.optimize("g", self.generator.parameters())
        self.critic_optimizer = self.optimize("c", self.critic.parameters())

    def made(self, count: int, random: torch.Generator) -> Tensor:
        """### Digits out of noise"""
        images: Tensor = self.generator(torch.randn(count, NOISE, generator=random))
        return images

    def step(self) -> float:
        """### The critic learns three times, the generator once; returns the critic's loss"""
        for _ in range(3):
            loss = self.critic_step()
        self.generator_optimizer.zero_grad()
        (-self.critic(self.made(64, self.random)).mean()).backward()
        self.generator_optimizer.step()
        return loss

    def critic_step(self) -> float:
        """
        ### The critic's step

        Its loss is the score of made digits minus that of real ones: low when it can tell them
        apart. Without a bound, it could fall forever.
        """
        batch = torch.randint(len(self.images), (64,), generator=self.random)
        real, made = self.images[batch], self.made(64, self.random).detach()
        # The slope of the score should be 1, anywhere between a real digit and a made one.
        share = torch.rand(64, 1, generator=self.random)
        between = (share * real + (1 - share) * made).requires_grad_()
        (slope,) = torch.autograd.grad(self.critic(between).sum(), between, create_graph=True)
        penalty = (slope.norm(dim=1) - 1).square().mean()
        loss = self.critic(made).mean() - self.critic(real).mean() + 10 * penalty
        self.critic_optimizer.zero_grad()
        loss.backward()
        self.critic_optimizer.step()
        value: float = loss.item()
        return value

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """### The Fréchet distance of 1000 made digits, always from the same noise"""
        made = self.made(1000, torch.Generator().manual_seed(3)).view(-1, 1, 8, 8)
        if not made.isfinite().all():
            return dict.fromkeys(self.references, float("nan"))
        cloud = moments(made)
        return {name: frechet(cloud, real) for name, real in self.references.items()}


VARIANTS: dict[str, type[Task]] = {"gan": GAN}

if __name__ == "__main__":
    main(__doc__, {"gan": "gan"}, "--model")
