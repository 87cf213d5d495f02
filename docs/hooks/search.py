"""The search index: each section of each page, as `docs/assets/search.js` reads it.

A section is what stands below one heading. Words of code are kept apart, since who types
`exp_avg_var` looks for code. The index is a script, which a page can load from a folder too.
"""

import json
import re
from dataclasses import asdict, dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

INDEX = "assets/search-index.js"
# What a reader means who types one of these: the others of its line, too.
SYNONYMS = [
    ["warmup", "warm-up", "warm up"],
    ["fp16", "float16", "half precision", "mixed precision", "bf16", "bfloat16"],
    ["epsilon", "eps", "ε"],
    ["beta1", "beta 1", "β₁"],
    ["beta2", "beta 2", "β₂"],
    ["alpha", "α", "lr", "learning rate", "step size"],
    ["ema", "moving average", "running mean"],
    ["adamw", "decoupled weight decay"],
    ["l2", "coupled weight decay", "regularization", "overfitting"],
    ["multi gpu", "many machines", "distributed", "ddp", "DistributedDataParallel"],
    ["fsdp", "fully_shard"],
    ["gpu", "cuda"],
    ["resume", "checkpoint", "checkpoints", "continue training"],
    ["benchmark", "benchmarks", "speed", "fast", "faster"],
    ["migrate", "moving"],
    ["colab", "jupyter"],
    ["cite", "bibtex", "citation", "source"],
    ["mnist", "handwritten digits"],
    ["huggingface", "hugging face"],
    ["nan", "infinite", "inf", "overflow"],
    ["vram", "memory"],
    ["hyperparameters", "hyper-parameters", "arguments"],
    ["licence", "license", "copyright"],
    ["reproducible", "reproducibility", "deterministic", "to the last bit", "bit for bit"],
    ["converge", "convergence", "wrong way", "unstable", "explodes", "diverges"],
    ["proof", "proved", "prove"],
    ["which one should I use", "which optimizer", "best optimizer", "better"],
]
# Words that a question is made of. They are looked for only where there is nothing else.
SILENT_WORDS = (
    "a an the i my me you your we it its this that these is are was be do does did can could should"
    " would will how what when where why who to of in on at for from by with and or not than as if"
    " there any some about into use using need work works"
    " param params parameter parameters"
)
# The optimizers come first, how they are executed comes last.
WEIGHTS = [
    (re.compile(r"(adam|amsgrad|radam|ada_belief|weight_decay)/"), 1.5),
    (re.compile(r"experiments/"), 0.25),
    (re.compile(r"engine/|(checks|loading|changelog|running_mean|kernel)/"), 0.35),
    (re.compile(r"(findings|results)/"), 0.5),  # of runs, not of ideas
    (re.compile(r"(generic|rule|half_precision|checking|authoring)/"), 0.6),
    (re.compile(r"notebooks/"), 0.8),
]
_HEADING = re.compile(r"h[1-6]")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")  # CosineAnnealingLR
_SILENT = {"script", "style", "svg"}
_SETUP = "What this notebook needs"  # the folded first cell of a notebook explains nothing
_LEGEND = "sbs-legend"  # what the signs say, which is the same on each page

_sections: list["Section"] = []


@dataclass
class Section:
    """What stands below a heading of some level. `code` are the words of code in it."""

    url: str
    page: str
    title: str = ""
    text: str = ""
    code: str = ""
    level: int = 1
    weight: float = 1.0


@dataclass
class Reader(HTMLParser):
    """Cuts the HTML of a page into sections."""

    url: str
    page: str
    weight: float
    found: list[Section] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.found.append(Section(self.url, self.page, self.page, weight=self.weight))
        self._open: list[str] = []
        self._folded = 0  # how deep in a fold that is skipped

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = dict(attrs).get("id")
        if _HEADING.fullmatch(tag):
            if tag != "h1" and name:
                level = int(tag[1])
                url = f"{self.url}#{name}"
                self.found.append(Section(url, self.page, level=level, weight=self.weight))
            elif tag == "h1":
                self.found[0].title = ""
        if tag == "a" and dict(attrs).get("class") == "headerlink":
            tag = "script"  # its sign is no word
        if tag not in ("br", "img", "hr", "input", "wbr"):
            self._open.append(tag)
        if not self._folded and _LEGEND in (dict(attrs).get("class") or "").split():
            self._folded = len(self._open)

    def handle_endtag(self, tag: str) -> None:
        if "script" in self._open and tag == "a":
            tag = "script"
        while tag in self._open and self._open.pop() != tag:
            pass
        if len(self._open) < self._folded:
            self._folded = 0
        if tag not in ("span", "code", "a", "em", "strong"):
            self.found[-1].text += " "

    def handle_data(self, data: str) -> None:
        if data.strip() == _SETUP:
            self._folded = len(self._open) - 1
        if self._folded or _SILENT & {*self._open}:
            return
        section = self.found[-1]
        if any(map(_HEADING.fullmatch, self._open)):
            section.title += data
        else:
            section.text += data
        if {"code", "pre"} & {*self._open}:
            section.code += f" {data}"


def on_config(config: MkDocsConfig) -> None:
    """Each build starts from nothing."""
    _sections.clear()


def on_page_content(html: str, page: Page, **_: object) -> None:
    """Take in a page, while its formulas are still plain text."""
    weight = next((weight for pattern, weight in WEIGHTS if pattern.match(page.url)), 1.0)
    reader = Reader(page.url if page.url != "./" else "", str(page.title), weight)
    reader.feed(html)
    for section in reader.found:
        section.title = " ".join(section.title.split())
        section.text = " ".join(section.text.split())
        names = dict.fromkeys(re.findall(r"[\w.]*\w", section.code))
        parts = dict.fromkeys(part for name in names for part in _HUMP.split(name))
        section.code = " ".join(names | parts)
    _sections.extend(reader.found)


def on_post_build(config: MkDocsConfig) -> None:
    """Write the index, with what stands below each page."""
    below = Section("", config.site_name, text=config.copyright or "", weight=0.5)
    sections = [asdict(section) for section in (*_sections, below)]
    data = {"sections": sections, "synonyms": SYNONYMS, "silent": SILENT_WORDS}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    path = Path(config.site_dir) / INDEX
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"window.siteIndex={text};\n", encoding="utf-8")
