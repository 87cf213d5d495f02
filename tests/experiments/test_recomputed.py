"""The numbers on the results page follow from the recorded ones, computed once more with scipy."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mkdocs.config.defaults import MkDocsConfig
from numpy.typing import NDArray
from scipy import stats

from docs.hooks import results as hook
from experiments import page
from sidebyside.translating.editions import Original, say_english
from tests.site.browsing import ROOT

RECORDED = ROOT / "experiments" / "results"
TASKS = sorted(path.stem for path in RECORDED.glob("*.json") if path.stem != "timing")
NUMBER = re.compile(r"−?\d+(?:\.\d+)?(?:e[−-]?\d+)?")
Values = NDArray[np.float64]


def over_all_steps(record: dict[str, Any]) -> float:
    """A mean for each step, and the mean of these."""
    counts = np.diff([0, *record["step"]]).astype(int)
    return float(np.mean(np.repeat(record["loss"], counts)))


# What the paper's authors ran: their README's table, by the kind of task.
PUBLISHED = {"digits": "adabelief-1e-8", "digits-hard": "adabelief-1e-8", "gan": "adabelief-1e-12"}


class Recorded:
    """An experiment's file, read without the page's code."""

    def __init__(self, task: str) -> None:
        self.data = json.loads((RECORDED / f"{task}.json").read_text(encoding="utf-8"))
        self.names = {title: name for name, title in self.data["optimizers"].items()}

    def rows(self, stage: str, name: str) -> list[dict[str, Any]]:
        found = [
            row
            for row in self.data["rows"]
            if (row["stage"], row["optimizer"]) == (stage, self.names.get(name, name))
        ]
        return sorted(found, key=lambda row: row["seed"])

    def finals(self, name: str) -> Values:
        return self.measured(name, lambda record: record["test"][-1])

    def losses(self, name: str) -> Values:
        return self.measured(name, over_all_steps)

    def scatter(self, name: str) -> Values:
        values = self.finals(name)
        return np.asarray(np.abs(values - np.median(values)))

    def measured(self, name: str, what: Callable[[dict[str, Any]], Any]) -> Values:
        return np.array([what(row["record"]) for row in self.rows("report", name)], dtype=float)


def config() -> MkDocsConfig:
    config = MkDocsConfig()
    config.config_file_path = str(ROOT / "mkdocs.yml")
    config.plugins = {"sidebyside": Original()}  # type: ignore[assignment]
    return config


@pytest.fixture(scope="module")
def sections() -> dict[str, str]:
    """The page as Markdown, by the anchor of its headings."""
    path = Path(ROOT, "docs", "results.md")
    text = path.read_text(encoding="utf-8")
    filled = hook.on_page_markdown(text, config=config(), page=None)  # type: ignore[arg-type]
    found = re.split(r"^#{2,3} .*?\{ #([\w-]+) \}$", filled, flags=re.MULTILINE)
    return {"": found[0], **dict(zip(found[1::2], found[2::2], strict=True))}


def table(text: str, first: str) -> Iterator[list[str]]:
    """The rows of the table whose first column has that heading."""
    lines = [line.strip() for line in text.splitlines()]
    start = next(i for i, line in enumerate(lines) if line.startswith(f"| {first} |"))
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def tables(text: str, first: str) -> Iterator[list[str]]:
    for part in re.split(rf"(?=^\s*\| {first} \|)", text, flags=re.MULTILINE)[1:]:
        yield from table(part, first)


def says(cell: str, *values: float) -> bool:
    """Whether a cell's numbers are these, to the digits that it gives."""
    shown = [text.replace("−", "-") for text in NUMBER.findall(cell)]
    if len(shown) != len(values):
        return False
    for text, value in zip(shown, values, strict=True):
        unit = 10.0 ** -len(text.partition(".")[2].partition("e")[0])
        if abs(float(text) - value) > unit * (0.5 + 1e-6):
            return False
    return True


def apart(ours: Values, theirs: Values, comparisons: int) -> tuple[float, float, float]:
    ends = stats.ttest_rel(ours, theirs).confidence_interval(1 - 0.05 / comparisons)
    return float(np.mean(ours - theirs)), float(ends.low), float(ends.high)


def decided(low: float, high: float, words: tuple[str, str, str], higher: bool) -> str:
    """The word for an interval above zero, below it, or around it."""
    good, bad, unknown = words
    if low <= 0 <= high:
        return unknown
    return good if (low > 0) == higher else bad


@pytest.mark.parametrize("task", TASKS)
def test_each_table_gives_mean_error_and_difference(task: str, sections: dict[str, str]) -> None:
    recorded = Recorded(task)
    rows = list(table(sections[task], "optimizer"))
    assert [row[0] for row in rows] == list(recorded.names)
    for title, _, _, result, *pairs in rows:
        theirs = recorded.finals(title)
        assert says(result, theirs.mean(), stats.sem(theirs)), (title, result)
        for champion, difference, verdict in zip(
            ("adabelief", "adam"), pairs[::2], pairs[1::2], strict=True
        ):
            ours = recorded.finals(champion)
            if recorded.names[title] == champion:
                assert difference == verdict == ""
            elif np.array_equal(ours, theirs):
                assert verdict == "equal"
            else:
                found = apart(ours, theirs, comparisons=len(rows) - 1)
                assert says(difference, *found), (title, difference)
                name = "Adam" if champion == "adam" else "AdaBelief"
                words = (f"**{name} is better**", f"**{name} is worse**", "cannot tell")
                higher = recorded.data["better"] == "higher"
                assert verdict == decided(*found[1:], words, higher)


@pytest.mark.parametrize("task", TASKS)
def test_each_tuning_table_gives_means_and_the_best_is_chosen_and_reported(
    task: str, sections: dict[str, str]
) -> None:
    recorded = Recorded(task)
    sign = 1 if recorded.data["better"] == "higher" else -1
    notes = re.split(r"\?{3} note(?: on-screen)?", sections[task].replace("    |", "|"))
    (tuning,) = (note for note in notes if note.startswith(' "Tuning'))
    folded = list(table(tuning, "optimizer"))
    settings = {row[0]: row[1:3] for row in table(sections[task], "optimizer")}
    for title in recorded.names:
        tried = recorded.rows("tuning", title)
        shown = [row[1:] for row in folded if row[0] == title]
        means = []
        for lr, decay, score in shown:
            here = (float(lr), float(decay))
            runs = [row for row in tried if (row["lr"], row["weight_decay"]) == here]
            ends = [row["record"]["validation"][-1] for row in runs]
            assert len(ends) == 2
            mean = -np.inf * sign if None in ends else float(np.mean(ends))
            means.append(sign * mean)
            assert says(score, *([] if None in ends else [mean])), (title, lr, score)
        (best,) = (row for row in shown if "chosen" in row[2])
        assert means[shown.index(best)] == max(means)
        assert [settings[title][0].rstrip("†"), settings[title][1]] == best[:2]


def test_both_adabeliefs_end_alike_in_the_trap_as_the_page_says(sections: dict[str, str]) -> None:
    recorded = Recorded("trap")
    names = ("adabelief", "adabelief-rectified")
    assert np.array_equal(*map(recorded.finals, names))
    assert all("†" in row[1] for row in table(sections["trap"], "optimizer") if "Belief" in row[0])
    largest = max(row["lr"] for row in recorded.rows("tuning", "adabelief"))
    assert {row["lr"] for name in names for row in recorded.rows("report", name)} == {largest}
    assert "end alike to the last digit" in " ".join(sections["trap"].split())


def test_the_betas_of_every_experiment_stand_below_it(sections: dict[str, str]) -> None:
    for task in TASKS:
        first, second = Recorded(task).data["betas"]
        assert f"with betas ({first:g}, {second:g})" in sections[task]


FOREST = re.compile(
    r'<th scope="row"><a href="#([\w-]+)">[^<]*</a>, ([^<]*)</th><td>.*?</td>'
    r"<td>([^<]*)</td><td>([^<]*)</td><td class=\"\w+\">"
    r"<span class=\"short\">by default: </span>([^<]*)</td>"
)
CLAIMS = [
    ("speed", Recorded.losses, 2, False),
    ("right", Recorded.finals, 8, True),
    ("words", Recorded.finals, 4, False),
    ("fakes", Recorded.finals, 4, False),
    ("stable", Recorded.scatter, 2, False),
    ("first", Recorded.finals, 10, False),
]


@pytest.mark.parametrize(("claim", "measure", "comparisons", "higher"), CLAIMS)
def test_each_claim_is_decided_by_its_intervals_and_counted(
    claim: str,
    measure: Callable[[Recorded, str], Values],
    comparisons: int,
    higher: bool,
    sections: dict[str, str],
) -> None:
    whole = "".join(sections.values())
    body = whole.split(f'<tbody id="{claim}">')[1].split("</tbody>")[0]
    rows = FOREST.findall(body)
    assert len(rows) == comparisons
    verdicts = []
    words = ("holds", "does not hold", "cannot tell")
    for task, rival, difference, verdict, by_default in rows:
        recorded = Recorded(task)
        ours = measure(recorded, PUBLISHED.get(task, "adabelief"))
        found = apart(ours, measure(recorded, rival), comparisons)
        default = apart(
            measure(recorded, "adabelief-rectified"), measure(recorded, rival), comparisons
        )
        assert by_default == decided(*default[1:], words, higher), (task, rival)
        assert says(difference, *found), (task, rival, difference)
        verdicts.append(decided(*found[1:], words, higher))
        assert verdict == verdicts[-1]
    counted = body.split("<span>")[1].split("</span>")[0]
    told = (("holds", "holds"), ("does not hold", "does not hold"), ("cannot tell", "undecided"))
    for word, spoken in told:
        count = verdicts.count(word)
        assert (f" {spoken} in {count}" in counted) == (count > 0), counted


def test_that_the_papers_accuracy_cannot_be_told_is_said_while_it_is_so(
    sections: dict[str, str],
) -> None:
    ends = []
    for task in ("digits", "digits-hard"):
        recorded = Recorded(task)
        for rival in ("sgd", "adam", "torch-adamw", "radam"):
            ends += apart(recorded.finals(PUBLISHED[task]), recorded.finals(rival), 8)[1:]
    lows, highs = np.array(ends[::2]), np.array(ends[1::2])
    assert ((lows < 0) & (highs > 0)).all(), "the experiments say more now; so must the page"
    sentence = "**Whether AdaBelief generalizes as well as others, or better, cannot be told"
    (said,) = (line for line in sections[""].splitlines() if line.startswith(sentence))
    assert says(said.split("reach from ")[1], lows.min(), highs.max())


def test_the_papers_figures_stand_beside_ours(sections: dict[str, str]) -> None:
    hard = Recorded("digits-hard")
    text = sections["digits-hard"].split("### The paper's figures beside ours")[1]
    rows = list(table(text, "optimizer"))
    assert len(rows) == 5
    for title, theirs, ours in rows:
        finals = hard.finals(title)
        assert says(ours, finals.mean(), stats.sem(finals))
        assert says(theirs, page.PAPER[hard.names[title]])


@pytest.mark.parametrize(
    ("task", "kinds"), [("digits", ["test", "loss"]), ("lstm", ["test", "loss"]), ("gan", ["test"])]
)
def test_a_figure_tells_in_words_where_its_curves_end(task: str, kinds: list[str]) -> None:
    recorded = Recorded(task)
    drawn = page.figures(hook.recorded(config())[task], say_english)
    told = re.findall(r"At the end: (.*?)\.</desc>", drawn)
    for what, text in zip(kinds, told, strict=True):
        words = re.split(r", (?=SGD|Adam|AMS|RAdam|AdaB)", text)
        for name, said in zip(page.DRAWN, words, strict=True):
            title, _, end = said.rpartition(" ")
            assert title == recorded.data["optimizers"][name]
            records = [row["record"] for row in recorded.rows("report", name)]
            # A loss is a mean over some steps; at the end there may be too few left for one.
            steps = records[0]["step"]
            last = -2 if what == "loss" and steps[-1] % steps[0] else -1
            assert says(end, float(np.mean([record[what][last] for record in records]))), said


def test_times_and_their_ratios_follow_from_the_recorded_rounds(sections: dict[str, str]) -> None:
    recorded = json.loads((RECORDED / "timing.json").read_text(encoding="utf-8"))
    samples = {
        row["title"]: {key: np.array(v) for key, v in recorded["samples"][row["optimizer"]].items()}
        for row in recorded["rows"]
    }
    (text,) = (text for text in sections.values() if "whole step, µs" in text)
    rows = list(table(text, "optimizer"))
    assert [row[0] for row in rows] == list(samples)
    for title, step, whole, ratio in rows:
        assert says(step, float(np.median(samples[title]["step"])))
        assert says(whole, float(np.median(samples[title]["whole"])))
        logs = np.log(samples[title]["step"] / samples["Adam (torch)"]["step"])
        assert len(logs) == 100
        if title != "Adam (torch)":
            ends = stats.ttest_1samp(logs, 0).confidence_interval(1 - 0.05 / (len(rows) - 1))
            assert says(ratio, *np.exp([logs.mean(), ends.low, ends.high]))
