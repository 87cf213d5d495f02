"""The gate: good translations pass, and each rule finds its damage."""

from __future__ import annotations

from pathlib import Path

import polib
import pytest

from sidebyside.translating.catalogs import Catalog, empty_catalog
from sidebyside.translating.rules import FACTS, OPINIONS, Fault, faults
from sidebyside.translating.standards import read_standards

ROOT = Path(__file__).parents[3]

MEAN = "AdaBelief keeps $sₜ$, the running mean of `grad`. It is not the *variance* of Adam."
GOOD = {
    "si": "AdaBelief $sₜ$ තබා ගනී; එය `grad` හි චල මධ්‍යන්‍යයයි. එය Adam හි *විචලතාව* නොවේ.",
    "zh": "AdaBelief 保存 $sₜ$，即 `grad` 的移动平均。它不是 Adam 的*方差*。",
    "ja": "AdaBelief は `grad` の移動平均 $sₜ$ を保持します。これは Adam の*分散*ではありません。",
}
PAPER = "[RAdam](radam.py#RAdam) takes 200 steps (see [arXiv](https://a.b/c)):"
GOOD_PAPER = {
    "si": "[RAdam](radam.py#RAdam) පියවර 200 ක් ගනී ([arXiv](https://a.b/c) බලන්න):",
    "zh": "[RAdam](radam.py#RAdam) 走 200 步（见 [arXiv](https://a.b/c)）：",
    "ja": "[RAdam](radam.py#RAdam) は 200 ステップ進みます（[arXiv](https://a.b/c) を参照）：",
}


def found(language: str, text: str, translation: str, comment: str = "") -> list[Fault]:
    catalog = empty_catalog(Path("page.po"), language)
    entry = polib.POEntry(msgid=text, msgstr=translation, tcomment=comment)
    catalog.entries.append(entry)
    standards = read_standards(ROOT / "docs" / "translations", language)
    return list(faults(Catalog(catalog.path, catalog.entries), standards))


@pytest.mark.parametrize("language", ["si", "zh", "ja"])
def test_good_translations_pass(language: str) -> None:
    assert [str(fault) for fault in found(language, MEAN, GOOD[language])] == []
    assert [str(fault) for fault in found(language, PAPER, GOOD_PAPER[language])] == []


# Damage to the good texts above: which rule finds it, in which language, what becomes what.
DAMAGE = [
    ("locked", "si", "$sₜ$", "$s$"),
    ("locked", "zh", "`grad`", "梯度"),
    ("locked", "ja", "$sₜ$", "$sₜ$ と $sₜ$"),
    ("locked", "ja", "(radam.py#RAdam)", "(radam.py)"),
    ("characters", "si", "මධ්", "\u200bමධ්"),
    ("characters", "ja", "ではありません", "て\u3099はありません"),
    ("characters", "zh", "200", "２００"),
    ("names", "si", "AdaBelief", "ඇඩබිලීෆ්"),
    ("names", "zh", "AdaBelief", "AdaBelief（ADABelief）"),
    ("names", "ja", "Adam の", "RAdam の"),
    ("names", "ja", "Adam の", "アダムの"),
    ("balance", "zh", "）", ""),
    ("balance", "ja", "*分散*", "*分散"),
    ("joiners", "si", "මධ්\u200dයන්", "මධ්යන්"),
    ("joiners", "si", "මධ්", "මධ්\u200d "),
    ("joiners", "ja", "平均", "平\u200d均"),
    ("signs", "si", "චල", "චල ා"),
    ("numbers", "si", "200", "20"),
    ("numbers", "zh", "200", "二百"),
    ("english", "ja", "これは", "this is not really"),
    ("refused", "si", "විචලතාව", "විචලනය"),
    ("refused", "zh", "方差", "方差（差异）"),
    ("glossary", "ja", "移動平均", "平滑値"),
    ("glossary", "zh", "方差", "散度"),
    ("script", "si", None, "running mean maintain කරයි AdaBelief $sₜ$ `grad` variance *නොවේ* Adam."),
    ("spaces", "zh", "AdaBelief 保存", "AdaBelief保存"),
    ("spaces", "ja", "$sₜ$ を", "$sₜ$を"),
    ("spaces", "si", "Adam හි", "Adamහි"),
    ("glued", "si", "එය Adam", "එයචලමධ්‍යන්‍යයවිචලතාවනොවේය Adam"),
    ("punctuation", "zh", "，即", ", 即"),
    ("punctuation", "zh", "（见", "(见"),
    ("punctuation", "ja", "*分散*", "“分散”"),
    ("ending", "zh", "*方差*。", "*方差*"),
    ("ending", "ja", "ではありません。", "ではありません："),
    ("forms", "ja", "保持します", "保持する"),
    ("forms", "zh", "它不是", "您看，它不是"),
    ("length", "si", None, "AdaBelief $sₜ$ `grad` Adam *නොවේ*."),
    ("sentences", "ja", "これは", "そうです。そうです。これは"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "language", "part", "damaged"), DAMAGE)
def test_each_rule_finds_its_damage(
    rule: str, language: str, part: str | None, damaged: str
) -> None:
    hit = 0
    for text, good in ((MEAN, GOOD[language]), (PAPER, GOOD_PAPER[language])):
        if part is None or part in good:
            bad = damaged if part is None else good.replace(part, damaged, 1)
            hit += rule in [fault.rule for fault in found(language, text, bad)]
    assert hit


# What seemed wrong once and is right: language, English text, translation.
RIGHT = [
    ("zh", "Transformers and GANs train.", "Transformer 和生成对抗网络（GAN）在训练。"),
    ("zh", "Transformers and GANs train.", "Transformer 和生成对抗网络在训练。"),
    ("ja", "Torch takes the first.", "torch は最初のものを使います。"),
    ("zh", "Torch takes the first.", "这时 Torch 取第一个。"),
    ("zh", "all values in [0, 1) and (0, ∞)", "[0, 1) 和 (0, ∞) 中的所有值"),
    (
        "ja",
        "[Download](a.ipynb){ download } to run it.",
        "[ダウンロード](a.ipynb){ download }すると動きます。",
    ),
    (
        "ja",
        "labml_nn AdaBelief, as shipped<br>*labml-nn 0.5.1*",
        "labml_nn の AdaBelief、配布されたまま<br>*labml-nn 0.5.1*",
    ),
    ("ja", "{text}", "{text}"),
    ("ja", "{symbol} is {place}", "{symbol}：{place}"),
    ("zh", "Take the mean:[^1]", "取平均：[^1]"),
    (
        "zh",
        "Source: Diederik P. Kingma and Jimmy Ba, *Moments of Gradients in Training*, 2014.",
        "出处：Diederik P. Kingma 和 Jimmy Ba，*Moments of Gradients in Training*，2014。",
    ),
    (
        "si",
        "Told in [kind-people/Training-Tensors](https://a.b/c).",
        "[kind-people/Training-Tensors](https://a.b/c) හි කියා ඇත.",
    ),
    ("ja", "many_machines.py, with copies", "many_machines.py、コピーあり"),
    ("si", "gradient descent before", "ඊට පෙර gradient descent"),
    (
        "ja",
        "At the moment it arrives, in place of another.",
        "届いたときに、別のものの代わりに使います。",
    ),
    # Languages that the rules of scripts do not know: Latin letters, and other signs.
    ("de", "Each mean forgets 0.5 of it.", "Jeder Mittelwert „vergisst“ davon 0,5 auf einmal."),
    ("fr", "Of 200 steps, this: none.", "Sur 200 pas\u00a0: aucun, « celui-ci »."),
    ("fa", "It will do", "می\u200cشود"),
    ("hi", "as one likes", "क्\u200dष"),
]


@pytest.mark.parametrize(("language", "text", "translation"), RIGHT)
def test_what_is_right_is_not_refused(language: str, text: str, translation: str) -> None:
    assert [str(fault) for fault in found(language, text, translation)] == []


# Beside those, what is still wrong.
@pytest.mark.parametrize(
    ("rule", "language", "text", "translation"),
    [
        ("names", "zh", "A GAN trains.", "生成对抗网络在训练。"),
        ("names", "zh", "It trains.", "GAN 在训练。"),
        ("names", "ja", "by torch", "pytorch で"),
        ("balance", "zh", "all in [0, 1)", "[0, 1) 中的所有值（都是"),
        ("spaces", "ja", "[Take](a.md){ download } `x`.", "[使う](a.md){ download }`x`を。"),
        ("joiners", "si", "function", "කාර්\u200dය"),
        ("joiners", "si", "rule", "ධර්\u200dම"),  # with any letter, not only ය and ර
        ("joiners", "si", "function", "කාර්\u200dය්\u200dය"),
        ("joiners", "si", "a copy", "ප\u200d්රති"),  # before its sign
        ("characters", "si", "a copy", "ප්\u200cරති"),  # what keeps letters apart
        ("characters", "ja", "one way", "1\u00a0通り"),
        ("english", "de", "as often as one likes", "es ist as often as gesagt"),
        ("numbers", "de", "of 0.5", "von 5"),
        ("balance", "de", "a mean", "ein „Mittel"),
        ("ending", "ja", "{text}", "{text}。"),
        ("ending", "ja", "{symbol} is {place}:", "{symbol}：{place}"),
        ("glossary", "zh", "Source: *Moments*, on moments.", "出处：*Moments*。"),
        ("script", "si", "a mean of many things, *once*", "mean of many things, *once* ය"),
        ("glossary", "ja", "it is changed in place", "それは変わります"),
    ],
)
def test_what_is_wrong_is_refused_all_the_same(
    rule: str, language: str, text: str, translation: str
) -> None:
    assert rule in [fault.rule for fault in found(language, text, translation)]


def test_formulas_in_another_order_are_asked_about() -> None:
    text, translation = "divide $a$ by $b$", "$b$ を $a$ で割る"
    assert [fault.rule for fault in found("ja", text, translation)] == ["order"]
    assert not found("ja", text, translation, "ok: order, since the divisor comes first")


def test_every_rule_is_tried() -> None:
    assert {rule for rule, *_ in DAMAGE} | {"order"} == FACTS.keys() | OPINIONS.keys()


def test_every_rule_is_written_down_for_translators() -> None:
    readme = (ROOT / "docs" / "translations" / "README.md").read_text(encoding="utf-8")
    for rules, heading in ((FACTS, "never right"), (OPINIONS, "overruled")):
        tables = (part for part in readme.split("\n\n") if part.startswith("| rule"))
        table = next(table for table in tables if heading in table.split("\n")[0])
        assert [line.split("`")[1] for line in table.strip().split("\n")[2:]] == list(rules)


def test_what_is_wrong_beyond_doubt_cannot_be_overruled() -> None:
    rules = [fault.rule for fault in found("ja", "add $a$", "足す", "ok: locked")]
    assert rules == ["ok", "locked"]


def test_a_fault_shows_its_place_and_both_texts() -> None:
    fault = found("ja", "add $a$", "足す")[0]
    assert str(fault).split("\n") == [
        "page.po:None: locked: $a$ is missing",
        "    English: add $a$",
        "    here:    足す",
    ]
