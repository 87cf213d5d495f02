"""The claims at one look: a bar for each comparison, on which side of zero it lies.

To the right is better for AdaBelief. The bars of one experiment share a scale: units differ, and
what decides a claim is whether a bar crosses zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from html import escape

from experiments.claims import CLAIMS, DEFAULT, VERDICTS, Claim, Finding, findings
from experiments.statistics import Interval
from experiments.summary import Experiment
from experiments.wording import NO_BREAK, between
from sidebyside.translating.editions import Say, label, listed

HALF = 100  # of a bar's place, from zero to either end
WORDS = {"holds": label("holds"), "fails": label("does not hold"), "open": label("cannot tell")}
COUNTS = {
    "holds": label("holds in {count}"),
    "fails": label("does not hold in {count}"),
    "open": label("undecided in {count}"),
}


def forest(experiments: dict[str, Experiment], say: Say) -> str:
    """A table with a part for each claim and a row for each comparison."""
    parts = "".join(part(claim, experiments, say) for claim in CLAIMS)
    names = [say("where, and against whom"), say("worse ← AdaBelief → better")]
    names += [say("difference"), say("the claim"), say("by default")]
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    return f'<table class="forest"><thead><tr>{head}</tr></thead>{parts}</table>'


def part(claim: Claim, experiments: dict[str, Experiment], say: Say) -> str:
    """A claim, what came of it in a few words, and its rows."""
    found = list(findings(claim, experiments))
    by_default = findings(claim, experiments, DEFAULT)
    counts = Counter(finding.verdict for finding in found)
    told = [verdict for verdict in VERDICTS.values() if counts[verdict]]
    less = claim.measure != "test" or not found[0].experiment.higher
    said = say(
        "Of {count} comparisons: {verdicts}. In {unit}; less is better."
        if less
        else "Of {count} comparisons: {verdicts}. In {unit}; more is better.",
        count=len(found),
        verdicts=listed((say(COUNTS[verdict], count=counts[verdict]) for verdict in told), say),
        unit=say(claim.unit),
    )
    head = f'<th scope="rowgroup" colspan="5">{escape(say(claim.question))} '
    head += f"<span>{escape(said)}</span></th>"
    pairs = zip(found, by_default, strict=True)
    rows = "".join(row(claim, finding, found, other.verdict, say) for finding, other in pairs)
    return f'<tbody id="{claim.name}"><tr>{head}</tr>{rows}</tbody>'


def row(
    claim: Claim, finding: Finding, others: Iterable[Finding], by_default: str, say: Say
) -> str:
    """One comparison, and what the default does in it."""
    experiment, verdict = finding.experiment, finding.verdict
    title = escape(say(experiment.data["title"]).replace("|", "∣"))
    rival = escape(say(experiment.titles[finding.rival]))
    name = listed([f'<a href="#{experiment.task}">{title}</a>', rival], say)
    same = [other.interval for other in others if other.experiment is experiment]
    reach = max(max(abs(i.low), abs(i.high)) for i in same if i) if any(same) else 1.0
    higher = experiment.higher and claim.measure == "test"
    drawing = bar(finding.interval, (1 if higher else -1) * HALF / (reach or 1.0))
    cells = f'<th scope="row">{name}</th><td>{drawing}</td>'
    difference = between(finding.interval).replace(NO_BREAK, " ")  # the page says where it breaks
    cells += f"<td>{difference}</td><td>{say(WORDS[verdict])}</td>"
    short = f'<span class="short">{say("by default")}: </span>'  # where there is no column for it
    cells += f'<td class="{by_default}">{short}{say(WORDS[by_default])}</td>'
    return f'<tr class="{verdict}">{cells}</tr>'


def bar(found: Interval | None, scale: float) -> str:
    """From end to end of the interval, with a dot at the mean. The numbers stand beside it."""
    box = f'viewBox="{-HALF - 6} 0 {2 * HALF + 12} 14" preserveAspectRatio="none"'
    head = f'<svg {box} aria-hidden="true">'
    if found is None:
        return f"{head}</svg>"
    low, high = sorted((round(found.low * scale, 1), round(found.high * scale, 1)))
    reach = f'<path class="reach" d="M{low:g} 7H{high:g}"/>'
    place = f'd="M{found.mean * scale:.1f} 7h0"'
    return f'{head}{reach}<path class="dot" {place}/><path class="hole" {place}/></svg>'
