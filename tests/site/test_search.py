"""Search finds what readers mean, first."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.site.browsing import PHONE, Site, Visitor, until
from tests.site.test_open import AUDIT, AXE

pytestmark = pytest.mark.browser

# What is typed, and where the first hit leads.
QUERIES = [
    ("adam", "adam/"),
    ("AdaBelief", "ada_belief/"),
    ("radam", "radam/"),
    ("amsgrad", "amsgrad/"),
    ("adabeleif", "ada_belief/"),
    ("amsgrd", "amsgrad/"),
    ("recipies", "recipes/"),
    ("epsilon", "ada_belief/#in-two-places"),
    ("ε", "ada_belief/#in-two-places"),
    ("eps", "ada_belief/#in-two-places"),
    ("warmup", "recipes/#a-schedule-with-a-warm-up"),
    ("warm-up schedule", "recipes/#a-schedule-with-a-warm-up"),
    ("fp16", "recipes/#mixed-precision"),
    ("half precision", "recipes/#mixed-precision"),
    ("beta2", "notebooks/when_adam_fails/#is-it-adam-or-is-it-2"),
    ("β₂", "notebooks/when_adam_fails/#is-it-adam-or-is-it-2"),
    ("adamw", "weight_decay/"),
    ("decoupled weight decay", "weight_decay/"),
    ("exp_avg_var", "ada_belief/"),
    ("exp_avg_sq", "adam/"),
    ('state["max_exp_avg_sq"]', "amsgrad/"),
    ("calc_rectification_term", "radam/#RAdam.calc_rectification_term"),
    ("get_ms", "ada_belief/#AdaBelief.get_ms"),
    ("rectify", "notebooks/why_rectify/"),
    ("fsdp", "many-machines/"),
    ("clip gradients", "recipes/#clipping-gradients"),
    ("sparse", "checks/"),
    ("closure", "guide/#closures"),
    ("benchmark", "speed/"),
    ("how are formulas checked", "checking/"),
    # As a stranger asks.
    ("how to install", "#try-it"),
    ("pip install", "#try-it"),
    ("what is an optimizer", "guide/"),
    ("which optimizer should I use", "guide/#which-one"),
    ("what learning rate should I use", "guide/#changing-the-learning-rate"),
    ("write my own optimizer", "notebooks/write_your_own/"),
    ("what does proved mean", "checking/#what-the-words-mean"),
    ("adam vs adamw", "weight_decay/"),
    ("is it faster", "speed/"),
    # A student's words, and what stands there instead.
    ("regret", "amsgrad/"),
    ("overfitting", "weight_decay/"),
    ("l2 regularization", "weight_decay/"),
    ("convergence", "notebooks/when_adam_fails/#the-wrong-way-forever"),
    ("explodes", "notebooks/when_adam_fails/#the-wrong-way-forever"),
    ("gradient accumulation", "recipes/#accumulating-gradients"),
    ("continue training", "notebooks/start_here/"),
    ("multi gpu", "many-machines/"),
    ("cuda", "recipes/#a-cuda-graph"),
    ("mnist", "experiments/digits/"),
    ("loss is nan", "recipes/#mixed-precision"),
    ("cite", "ada_belief/#source"),
    # Greek and ASCII, arguments, and what an error says.
    ("ρ∞", "radam/"),
    ("rho_inf", "radam/"),
    ("beta 1", "adam/"),
    ("weight_decay", "weight_decay/"),
    ("eps_in_state", "ada_belief/#AdaBelief.__init__"),
    ("betas[1] must be in [0, 1)", "guide/#common-mistakes"),
    ("Adam does not support sparse gradients", "checks/"),
    # What stands below each page, names that are one word in code, and symbols as they are typed.
    ("license", ""),
    ("exp_avg", "adam/"),
    ("cosine annealing", "recipes/#a-schedule-with-a-warm-up"),
    ("zero redundancy", "many-machines/"),
    ("s_t", "ada_belief/"),
    ("how does adam work", "adam/"),
    ("how does adabelief work", "ada_belief/"),
    ("param groups", "guide/#groups"),
    ("parameter groups", "guide/#groups"),
    ("vram", "recipes/#half-the-memory"),
    ("memory usage", "recipes/#half-the-memory"),
    ("bias correction", "adam/#Adam.at_step"),
    ("save checkpoint", "notebooks/start_here/"),
    ("learning rate schedule", "guide/#changing-the-learning-rate"),
    ("huggingface trainer", "recipes/#hugging-face-accelerate"),
    ("changelog", "changelog/"),
    ("2010.07468", "ada_belief/#source"),
    ("no compiler", "engine/compiler/"),
    ("rectified adam", "radam/"),
    ("exponential moving average", "adam/#Adam.get_mv"),
    # Typos.
    ("convergance", "notebooks/when_adam_fails/#the-wrong-way-forever"),
    ("mixed precison", "recipes/#mixed-precision"),
]


def type_into_search(page: Page, query: str) -> None:
    ask(page, query, page.keyboard.type)


def ask(page: Page, query: str, enter: Callable[[str], None]) -> None:
    expect(page.locator(".site-search")).to_be_hidden()
    page.keyboard.press("/")
    enter(query)
    until(page, "query => document.querySelector('.site-search ol').dataset.query === query", query)


def hits(page: Page) -> list[str]:
    links = page.locator(".site-search li a")
    return links.evaluate_all("all => all.map(link => decodeURI(link.href))")


def test_eighty_queries_find_what_is_meant(site: Site, visit: Visitor) -> None:
    page = visit().page
    page.goto(site.address)
    wrong = []
    for query, expected in QUERIES:
        ask(page, query, page.keyboard.insert_text)  # at once: what stands there decides
        first = [hit.removeprefix(site.address) for hit in hits(page)[:3]]
        if not first or not (first[0].startswith(expected) if expected else first[0] == ""):
            wrong.append(f"{query}: {first}, not {expected}")
        page.keyboard.press("Escape")
    assert len(QUERIES) == 80
    assert wrong == []


def test_the_index_is_fetched_by_those_who_search_and_words_are_marked_where_they_lead(
    site: Site, visit: Visitor
) -> None:
    reader = visit()

    def fetched() -> int:
        return sum(response.url.endswith("search-index.js") for response in reader.responses)

    reader.page.goto(site.address + "adam/", wait_until="networkidle")
    assert fetched() == 0
    type_into_search(reader.page, "warm-up")
    reader.page.keyboard.press("Enter")  # opens the first
    reader.page.wait_for_url(f"{site.address}recipes/**")
    marked = "CSS.highlights.get('searched')?.size"
    assert reader.page.evaluate(marked) > 0
    assert fetched() == 1
    reader.page.reload()
    assert not reader.page.evaluate(marked)


def test_search_works_from_a_folder_without_a_server(site: Site, visit: Visitor) -> None:
    page = visit().page
    page.goto((site.folder / "adam" / "index.html").as_uri())
    type_into_search(page, "AdaBelief")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("AdaBelief")


def test_code_that_sets_a_notebook_up_is_no_hit(site: Site) -> None:
    script = (site.folder / "assets/search-index.js").read_text(encoding="utf-8")
    index = json.loads(script.removeprefix("window.siteIndex=").removesuffix(";\n"))
    notebooks = [each for each in index["sections"] if each["url"].startswith("notebooks/")]
    assert len(notebooks) > 20
    assert [each["url"] for each in notebooks if "NEEDED" in each["text"]] == []


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_to_improve_while_a_reader_searches(
    site: Site, visit: Visitor, options: dict[str, int]
) -> None:
    page = visit(reduced_motion="reduce", **options).page
    page.goto(site.address)
    type_into_search(page, "warm-up")
    page.locator(".site-search li a").first.wait_for()
    page.evaluate(AXE)
    assert page.evaluate(AUDIT) == []
    page.keyboard.press("Escape")
    expect(page.locator(".site-search")).to_be_hidden()
