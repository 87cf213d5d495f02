"""
Every number in the prose of every page, in two tables.

`GIVEN` are those that an author chose: settings, the numbers of an example, counts of what stands
on the page. `FOUND` are all others, each with how it is found anew, or with where its source is.
An optimizer's own test may have such tables, too, for its page: a set, and a dictionary.
"""

import importlib
import math

import torch

from experiments.digits import Digits, HardDigits, easy
from experiments.gan import GAN, NOISE
from experiments.plan import DESIGNS, REPORT_SEEDS
from experiments.text import corpus
from experiments.toys import Surface
from labml_nn_optim import AdaBelief, Adam
from labml_nn_optim.engine.capturing import MOST_CASES
from labml_nn_optim.engine.fused import WORTH_COMPILING
from labml_nn_optim.engine.printing_c import FUNCTIONS, SPELLED
from labml_nn_optim.engine.running import BLOCK
from sidebyside.algebra.agreement import SHARE
from tests.labml_nn_optim.table import OPTIMIZERS
from tests.labml_nn_optim.test_amsgrad import last_round
from tests.labml_nn_optim.test_radam import rho
from tests.numbers.computing import (
    TRAININGS,
    Finding,
    Held,
    Source,
    after_a_surprise,
    apart_at_100,
    at_ten_times_adams_best,
    at_the_default,
    bfloats_between_one_and_two,
    bytes_moved,
    bytes_of_a_table,
    compiling,
    default_eps,
    exact_rectification,
    falsehoods,
    first_order,
    flipping,
    images_to_test_with,
    in_the_long_run,
    inside,
    last_round_of_adam,
    late_rate,
    lines_of_a_trace,
    longest,
    paper,
    quantile,
    rarest_that_adam_gets_right,
    recorded_steps,
    rectification,
    seven_fold,
    smallest_kept_by_half,
    steps_of,
    steps_to_the_goal,
    stuck,
    surprise_after_a_jump,
    undisturbed,
    undivided,
    variance,
    variance_of_even_squares,
    walks,
    wrong_labels,
)
from tests.parity.facts import SAME
from tests.parity.gradients import STEPS

ADVICE = Source("Adabelief-Optimizer")
FALSEHOODS = Held("tests/checking/test_falsehoods.py", "the_page_says_how_many_are_kept")
LABML_NN = "tests/checking/test_labml_nn.py"
SMALL_MEANS = Held(
    "tests/labml_nn_optim/test_half_precision.py",
    "a_small_running_mean_follows_one_of_full_precision",
)
BETAS = {"0.9", "0.999"}

# What an author chose: settings, the numbers of an example, and what can be counted on the page.
GIVEN: dict[str, set[str]] = {
    "labml_nn_optim/adam.py": {*BETAS, "4999", "0.001", "a hundred", "a thousand", "thousand"},
    "labml_nn_optim/amsgrad.py": {"0.1", "thousand"},
    "labml_nn_optim/radam.py": {"1e-2", "1e-3", "0.999", "100", "thousand", "a thousand", "twice"},
    "labml_nn_optim/ada_belief.py": {"0.999", "200", "100", "500", "10", "ten"},
    "labml_nn_optim/weight_decay.py": {"0.01"},
    "labml_nn_optim/generic.py": {"32", "sixteen", "eight", "ten"},
    "labml_nn_optim/loading.py": {"a thousand"},
    "labml_nn_optim/half_precision.py": {
        *("32", "64", "sixteen", "eight", "four", "a tenth", "ten", "a thousandth")
    },
    "labml_nn_optim/engine/tracing.py": {"0.0"},
    "labml_nn_optim/engine/operations.py": {"a thousand"},
    "labml_nn_optim/engine/printing_c.py": {"16"},
    "labml_nn_optim/engine/printing_triton.py": {"32", "sixteen", "four"},
    "labml_nn_optim/engine/reading.py": {"sixteen", "thousand"},
    "labml_nn_optim/engine/running.py": {"32"},
    "labml_nn_optim/engine/capturing.py": {"10", "1000"},
    "labml_nn_optim/engine/private.py": {"four"},
    "docs/index.md": {"four", "five", "ten"},
    "docs/guide.md": {
        "200",
        "400",
        "0.1",
        "1e-2",
        "1e-3",
        *BETAS,
        "four",
        "ten",
        "hundred",
        "thousand",
    },
    "docs/differences.md": {
        *("0.999", "1e-3", "0.1", "0.02", "1e-7", "0.8397685748659791"),
        *("four", "thousand"),
    },
    "docs/results.md": {"95%", "0.1", "1e-16", "twenty", "twice"},
    "docs/recipes.md": {"0.01", "0.1", "0.999", "1e-2", "1e-3", "four", "ten"},
    "docs/many-machines.md": {"0.999999", "41", "four"},
    "docs/authoring.md": {"four"},
    "docs/speed.md": {
        *("10", "32", "34", "110", "600", "4096", "95%"),  # the workloads
        *("four", "twice", "sixteen", "a million"),
    },
    "docs/checking.md": {
        *("0.5", "0.999", "1999", "1e-8", "four", "twice"),
        # Of attacks, as they were counted at the time.
        *("seven", "422", "219", "560", "112", "214", "24"),
    },
    "docs/findings.md": {
        *("0.01", "0.1", "0.5", "0.8", "0.9", "0.95", "0.999", "1e-8", "four", "five"),
        *("15", "20", "25", "26", "34", "60", "135"),  # steps, and lines of others' sources
    },
    "docs/examples/running_mean.py": {"ten"},
    "experiments/digits.py": {"64"},
    "experiments/text.py": {"16"},
    "experiments/gan.py": {"1000"},
    "experiments/toys.py": {"0.1", "0.5", "0.8", "10", "45", "ten"},
    "experiments/optimizers.py": {"0.01", "0.999", "four", "twice"},
    "experiments/training.py": {"150", "200", "a tenth", "three quarters"},
    "experiments/tracking.py": {"a thousand"},
    "experiments/statistics.py": {"26.7", "95%", "twenty"},
    "experiments/sources.py": {"twelve", "twenty"},
    "notebooks/start_here.py": {"0.001", "0.1", "150", "five", "ten", "a hundred", "three hundred"},
    "notebooks/why_rectify.py": {
        *("100", "0.9", "five", "twenty", "twentieth", "hundredth", "fifty"),
        *("a hundred", "thousand", "ten thousand", "a millionth"),
    },
    "notebooks/ada_belief_by_hand.py": {
        *("0.01", "five", "fifty", "twelve", "a hundred", "two hundred")
    },
    "notebooks/when_adam_fails.py": {
        *("0.9", "0.999", "11", "101", "0.01", "0.1", "0.9999", "four", "a thousand")
    },
    "notebooks/write_your_own.py": {"1e-8", "four"},
}

FOUND: dict[str, dict[str, Finding | Source | Held]] = {
    "labml_nn_optim/adam.py": {
        "3.18": surprise_after_a_jump,
        "7.3": lambda: longest(0.999 / 0.9),
        "3.2": lambda: (1 - 0.9) / math.sqrt(1 - 0.999),
        "32": lambda: 1 / math.sqrt(1 - 0.999),
        "a tenth": lambda: 1 - 0.9,
        "five": lambda: len(TRAININGS),
    },
    "labml_nn_optim/amsgrad.py": {
        "1.05": lambda: -last_round(Adam)[0],
        "0.76": lambda: last_round(Adam)[1],
        "0.97": lambda: last_round(Adam)[2],
        "five": lambda: len(TRAININGS),
    },
    "labml_nn_optim/radam.py": {
        "10": Source("(Section 1 and Figure 1)"),
        "54%": lambda: at_the_default("radam"),
        "88%": lambda: at_the_default("adam"),
        "0.23": lambda: steps_of(Adam, 0.0, 1.0, 500),
        "2000": lambda: 2 / (1 - 0.999),
        "1999": lambda: rho(0.999, 100_000),
        "1.09": lambda: variance(3),
        "0.43": lambda: variance(4),
        "0.25": lambda: variance(5),
        "2%": lambda: 100 * (first_order(100) / variance(100) - 1),
        "0.026": lambda: rectification(6),
        "0.65": lambda: rectification(1000),
        "0.038": lambda: exact_rectification(rho(0.999, 6)),
        "1.1%": apart_at_100,
        "five": undivided,
        "sixth": lambda: undivided() + 1,
    },
    "labml_nn_optim/ada_belief.py": {
        "1e-6": lambda: undisturbed(1e-16),
        "19": lambda: flipping(Adam),
        "18": lambda: flipping(paper),
        "4.5": lambda: steps_of(AdaBelief, 3.0, 0.3, 100),
        "8.1": lambda: steps_of(AdaBelief, 3.0, 0.3, 500),
        "10.8": in_the_long_run,
        "1e-16": default_eps(AdaBelief),
        "1e-8": default_eps(Adam),
        "1e-5": lambda: inside(1e-8),
        "seven": seven_fold,
        "five": undivided,
        "sixth": lambda: undivided() + 1,
        "a thousand": lambda: 1 / (1 - 0.999),
    },
    "docs/guide.md": {
        "73": rarest_that_adam_gets_right,
        "1e-8": default_eps(Adam),
        "1e-16": default_eps(AdaBelief),
        "54%": lambda: at_the_default("radam"),
        "78%": lambda: at_the_default("adabelief-rectified"),
        "88%": lambda: at_the_default("adam"),
        "94%": lambda: at_ten_times_adams_best("radam"),
        "95%": lambda: at_ten_times_adams_best("adabelief-rectified"),
        "9%": lambda: at_ten_times_adams_best("adam"),
        "sixty-seven": lambda: 400 / 6,
        "five": undivided,
    },
    "docs/differences.md": {
        "1e-6": lambda: undisturbed(1e-16),
        "1e-16": default_eps(AdaBelief),
        "1e-8": default_eps(Adam),
        "1e-5": lambda: inside(1e-8),
        "1e-13": lambda: inside(1e-16),
        "5%": lambda: 100 * (1 - 1 / math.sqrt(1 + inside(1e-16) / 1e-12)),
        "1e-12": ADVICE,
        "1e-10": ADVICE,
        "0.005": smallest_kept_by_half,
        "thirty": lambda: 1 / math.sqrt(1 - 0.999),
        "five": undivided,
        "sixth": lambda: undivided() + 1,
        "a thousand": lambda: 1 / (1 - 0.999),
        "a thousandth": lambda: 1 - 0.999,
        "a quarter": lambda: min(stuck()),
        "twelve": lambda: -math.log10(SAME),
        "a hundred": recorded_steps,
    },
    "docs/results.md": {
        "1e-8": Source("(differences.md#eps-of-the-paper)"),
        "1e-12": Source("(differences.md#eps-of-the-paper)"),
        "0.9": lambda: Digits.betas[0],
        "0.999": lambda: Digits.betas[1],
        "2000": lambda: 2 / (1 - 0.999),
        "300": lambda: Digits.steps,
        "500": lambda: HardDigits.steps,
        "497": images_to_test_with,
        "0.2": lambda: 100 / images_to_test_with(),
        "66.54": Source("[arXiv:2010.07468](https://arxiv.org/abs/2010.07468), Table 2"),
        "35.60": Source("(https://github.com/juntang-zhuang/transformer-adabelief)"),
        "35.51": Source("(https://github.com/juntang-zhuang/transformer-adabelief)"),
        "35.85": Source("(https://github.com/juntang-zhuang/transformer-adabelief)"),
        "30": Source("(https://github.com/juntang-zhuang/transformer-adabelief)"),
        "35.02": Source("(https://github.com/juntang-zhuang/fairseq-adabelief)"),
        "35.17": Source("(https://github.com/juntang-zhuang/fairseq-adabelief)"),
        "400": lambda: Surface.steps,
        "10": lambda: 10,  # in the names of two surfaces
        "five": undivided,
        "six": lambda: len(DESIGNS["digits"].adaptive),
        "eight": lambda: len(REPORT_SEEDS),
        "a tenth": lambda: late_rate()[1],
        "three quarters": lambda: late_rate()[0],
        "a fifth": wrong_labels,
    },
    "notebooks/start_here.py": {
        "1,797": lambda: sum(len(s.labels) for s in easy().values()),
        "a fortieth": lambda: rectification(6),
    },
    "notebooks/why_rectify.py": {
        "1999": lambda: rho(0.999, 100_000),
        "0.038": lambda: exact_rectification(rho(0.999, 6)),
        "0.026": lambda: rectification(6),
        "19": lambda: rho(0.9, 100_000),
        "14%": lambda: 100 * (first_order(rho(0.999, 20)) / variance(rho(0.999, 20)) - 1),
        "2%": lambda: 100 * (first_order(rho(0.999, 100)) / variance(rho(0.999, 100)) - 1),
        "0.8": variance_of_even_squares,
        "0.4": lambda: variance_of_even_squares() / 2,  # the variance of squares of normal numbers
        "sixteen": lambda: quantile(1, 0.95),
        "eighteen thousand": lambda: quantile(1, 1),
        "a tenth": lambda: 1 - quantile(100, 0.05),
        "twice": lambda: first_order(rho(0.999, 6)) / variance(rho(0.999, 6)),
        "a hundredth": lambda: apart_at_100() / 100,
        "a quarter": lambda: steps_of(Adam, 0.0, 1.0, 500),
    },
    "notebooks/ada_belief_by_hand.py": {
        "0.8": lambda: 0.9 * 1 + (1 - 0.9) * -1,
        "1e-16": default_eps(AdaBelief),
        "a fifth": lambda: after_a_surprise(Adam)[0],
        "fifth": lambda: 1 / after_a_surprise(Adam)[0],
        "twice": lambda: after_a_surprise(paper)[0] / after_a_surprise(Adam)[0],
        "thirty": lambda: after_a_surprise(Adam)[1],
        "a thousand": lambda: 1 / (1 - 0.999),
        "half as long again": lambda: steps_of(paper, 1, 1, 200) / steps_of(Adam, 1, 1, 200),
    },
    "notebooks/when_adam_fails.py": {
        "20": lambda: 2 / math.sqrt(1 - 0.99),
        "63": lambda: 2 / math.sqrt(1 - 0.999),
        "200": lambda: 2 / math.sqrt(1 - 0.9999),
        "1e-8": Source("(../docs/differences.md#eps-of-the-paper)"),
        "73": rarest_that_adam_gets_right,
        "seventy": rarest_that_adam_gets_right,
        "105": lambda: 105 if last_round_of_adam(101, 0.0, 0.999, large=105) < 0 else 0,
        "a third": lambda: steps_to_the_goal("AdaBelief")[0] / steps_to_the_goal("Adam")[0],
    },
    "docs/index.md": {"two hundred": lambda: STEPS, "twelve": lambda: -math.log10(SAME)},
    "docs/recipes.md": {
        "128": bfloats_between_one_and_two,
        "28": bytes_moved,
        "20": lambda: bytes_moved(state_dtype=torch.bfloat16),
        "eight": lambda: MOST_CASES,
        "five": undivided,
        "sixth": lambda: undivided() + 1,
        "2,000": SMALL_MEANS,
        "3%": SMALL_MEANS,
    },
    "docs/many-machines.md": {"17": lambda: 2**24 / 1e6, "million": lambda: 1e6},
    "docs/speed.md": {
        "28": bytes_moved,
        "16,384": lambda: WORTH_COMPILING,
        "140": bytes_of_a_table,
        "eight": lambda: walks(AdaBelief, fused=False),
        "seven": lambda: walks(torch.optim.Adam, foreach=False, fused=False),
        "a seventh": lambda: 8 / 7 - 1,
        "tenth": lambda: 1 / compiling(),
    },
    "docs/kernel.md": {"eight": lambda: walks(AdaBelief, fused=False)},
    "docs/checking.md": {
        **dict.fromkeys((*falsehoods(), "10"), FALSEHOODS),
        "fourteen": lambda: -math.log10(SHARE["code"]),
        "nine": lambda: -math.log10(SHARE["integration"]),
        "sixth": lambda: undivided() + 1,
        "a thousand": lambda: 1 / (1 - 0.999),
    },
    "docs/findings.md": {
        "7.3": lambda: longest(0.999 / 0.9),
        "3.2": lambda: (1 - 0.9) / math.sqrt(1 - 0.999),
        "0.05": lambda: 1 - 0.95,
        "0.025": Held(LABML_NN, "the_cosine_decays_and_the_formula_does_not"),
        "sixth": lambda: undivided() + 1,
        "twelve": Held(LABML_NN, "both_forms_of_adam_agree_when_eps_is_scaled_by_the_root"),
    },
    "labml_nn_optim/half_precision.py": {
        "128": bfloats_between_one_and_two,
        "28": bytes_moved,
        "20": lambda: bytes_moved(state_dtype=torch.bfloat16),
    },
    "labml_nn_optim/engine/fused.py": {"tenth": lambda: 1 / compiling()},
    "labml_nn_optim/engine/printing_c.py": {"a tenth": compiling},
    "labml_nn_optim/engine/tracing.py": {"thirty": lines_of_a_trace},
    "labml_nn_optim/engine/operations.py": {"thirty": lambda: len({*SPELLED, *FUNCTIONS, "fma"})},
    "labml_nn_optim/engine/printing_triton.py": {"a thousand": lambda: BLOCK / 2},
    "experiments/digits.py": {
        "1797": lambda: sum(len(each.labels) for each in easy().values()),
        "1000": lambda: len(easy()["train"].labels),
        "300": lambda: len(easy()["validation"].labels),
        "497": images_to_test_with,
        "a fifth": wrong_labels,
        "a quarter": lambda: 1 / 2**2,
    },
    "experiments/text.py": {
        "103": lambda: corpus()[1],
        "465,000": lambda: round(sum(map(len, corpus()[0].values())), -3),
        "6.7": lambda: math.log2(corpus()[1]),
    },
    "experiments/gan.py": {
        "0.5": lambda: GAN.betas[0],
        "16": lambda: NOISE,
        "497": images_to_test_with,
        "five": Source("arXiv:1704.00028"),
    },
    "experiments/toys.py": {"12": lambda: 12, "0.3": lambda: 0.1 * 12 - 0.9},
    "experiments/optimizers.py": {
        "2000": lambda: 2 / (1 - 0.999),
        "1e-16": default_eps(AdaBelief),
        "1e-8": ADVICE,
        "1e-12": ADVICE,
    },
}


def add_tables_of_optimizers() -> None:
    """Take up what the tests of single optimizers have of these tables."""
    for kind in OPTIMIZERS.values():
        page, name = kind.__module__.replace(".", "/") + ".py", kind.__module__.rpartition(".")[2]
        test = importlib.import_module(f"tests.labml_nn_optim.test_{name}")
        GIVEN.setdefault(page, set()).update(getattr(test, "GIVEN", ()))
        FOUND.setdefault(page, {}).update(getattr(test, "FOUND", {}))


add_tables_of_optimizers()
