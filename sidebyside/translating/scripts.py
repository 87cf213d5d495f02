"""
# Rules of scripts: Sinhala, Chinese, Japanese

Rules of the gate that know how a language is written. Of other languages they find nothing: those
may have Latin letters, joiners and other quotation marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sidebyside.translating.messages import LOCKED
from sidebyside.translating.standards import Pair

_JOINER = "\u200d"
_SINHALA = "\u0d80-\u0dff"
_CONSONANT = "\u0d9a-\u0dc6"
_VIRAMA = "\u0dca"
_VOWEL_SIGNS = "\u0dcf-\u0ddf\u0df2\u0df3"
# Letters, without punctuation: kana, the long vowel mark, ideographs.
_HAN_OR_KANA = "\u3041-\u309f\u30a1-\u30fa\u30fc\u3400-\u9fff々"
OWN = {"si": _SINHALA, "zh": "\u3400-\u9fff", "ja": _HAN_OR_KANA}

# ය and ර join what stands before them. Behind ර a joined form is old, with any letter.
_UNJOINED = re.compile(f"[{_CONSONANT}]{_VIRAMA}[යර]")
_MISPLACED = re.compile(f"(?<!{_VIRAMA}){_JOINER}|{_JOINER}(?![{_CONSONANT}])")


def joiners(pair: Pair) -> Iterator[str]:
    """Sinhala: each conjunct has its joiner, U+200D, and no joiner stands elsewhere."""
    if pair.language in ("zh", "ja") and _JOINER in pair.said:
        yield "a joiner, U+200D, stands in it"
    if pair.language != "si":
        return
    for match in _UNJOINED.finditer(pair.said):
        if match[0][0] != "ර":
            word = _word_around(pair.said, match.start())
            yield f"{word}: between {match[0][:2]} and {match[0][2]} the joiner U+200D is missing"
    for match in re.finditer(f"ර{_VIRAMA}{_JOINER}[{_CONSONANT}]", pair.said):
        word = _word_around(pair.said, match.start())
        yield f"{word}: behind ර the joiner U+200D makes an old form; leave it out"
    for match in _MISPLACED.finditer(pair.said):
        yield f"{_word_around(pair.said, match.start())}: a joiner, U+200D, joins nothing"


_ORPHAN = re.compile(
    f"(?<![{_CONSONANT}])[{_VIRAMA}{_VOWEL_SIGNS}]"
    f"|(?<![{_CONSONANT}{_VOWEL_SIGNS}\u0d85-\u0d96])[\u0d82\u0d83]"
)


def signs(pair: Pair) -> Iterator[str]:
    """Sinhala: a vowel sign stands on a letter. Browsers show ◌ where it does not."""
    if pair.language == "si":
        for match in _ORPHAN.finditer(pair.said):
            word = _word_around(pair.said, match.start())
            yield f"{word}: the sign U+{ord(match[0]):04X} stands on no letter"


def glued(pair: Pair) -> Iterator[str]:
    """Sinhala: no word is longer than words are."""
    if pair.language == "si":
        for word in re.findall(f"[{_SINHALA}{_JOINER}]+", pair.said):
            if len(word.replace(_JOINER, "")) > 22:
                yield f"{word} is very long: is a space missing?"


def _word_around(text: str, place: int) -> str:
    for match in re.finditer(r"\S+", text):
        if match.start() <= place < match.end():
            return match[0]
    return text[place]


def script(pair: Pair) -> Iterator[str]:
    """More than half of the letters are of the language's own script."""
    if own := OWN.get(pair.language):
        latin_terms = (word for term in pair.standards.terms for word in term.accepted)
        said = re.sub("|".join(filter(str.isascii, latin_terms)), "", pair.said_prose, flags=re.I)
        said = pair.standards.name.sub("", said)
        letters = re.findall(r"[^\W\d_]", said)
        share = len(re.findall(f"[{own}]", said))
        # A Latin word has about as many letters as its Chinese has thirds.
        weight = {"zh": 3, "ja": 2}.get(pair.language, 1)
        latin = len(re.findall("[A-Za-z]", said))
        if len(letters) > 12 and share * weight < latin:
            yield "most of it is not in the script of the language"


_INLINE = "A-Za-z\ufffc"
# Where a link leads, and attributes: nothing that stands in the sentence itself.
_BESIDE = re.compile(r"(?<=\])\([^()\s]*(?:\([^()]*\)[^()\s]*)*\)|\{[^{}]*[=.# ][^{}]*\}")


def spaces(pair: Pair) -> Iterator[str]:
    """Beside Latin words, formulas and code there is a space, but for punctuation."""
    own = OWN.get(pair.language)
    if own is None:
        return
    said = _BESIDE.sub("", re.sub("<br ?/?>", "\n", pair.translation))
    said = LOCKED.sub("\ufffc", said)
    said = re.sub(r"\*+|\]|\[(?!\^)", "", said)
    for match in re.finditer(f"[{own}](?=[{_INLINE}])|[{_INLINE}](?=[{own}])", said):
        around = said[max(match.start() - 6, 0) : match.end() + 6].replace("\ufffc", "…")
        yield f"a space is missing in “{around}”"


def punctuation(pair: Pair) -> Iterator[str]:
    """Chinese and Japanese: signs of full width behind and between their characters."""
    if pair.language not in ("zh", "ja"):
        return
    for match in re.finditer(f"[{_HAN_OR_KANA}][,.;:?!]|[,;?!](?= ?[{_HAN_OR_KANA}])", pair.said):
        yield f"“{match[0]}”: write the sign in full width"
    for match in re.finditer(f"[{_HAN_OR_KANA}]\\(|\\)[{_HAN_OR_KANA}]", pair.said):
        yield f"“{match[0]}”: write brackets in full width"
    if re.search(r'"', pair.said):
        yield 'the quotation marks " are English'
    if pair.language == "ja" and re.search("[，“”]", pair.said):
        yield "， or “ is not Japanese; write 、 or 「"
    if pair.language == "zh" and re.search("[「」｡]", pair.said):
        yield "「 is not used in simplified Chinese; write “"
    if re.search("[。，、！？：；] ", pair.said):
        yield "no space follows a sign of full width"


_ENDS = {
    "si": {".": ".", ":": ":", "?": "?", "!": "!"},
    "zh": {".": "。", ":": "：", "?": "？", "!": "！"},
    "ja": {".": "。", ":": "：。", "?": "？。", "!": "！。"},
}


# What may stand behind the end of a sentence: what is closed, a footnote, where a link leads.
_CLOSING = re.compile(
    r"""(?:[*)\]\s"”」』）] | \[\^[^\]]+\] | (?<=\])\([^()\s]*\) | \{[^{}]*[ =.#][^{}]*\})+$""",
    re.VERBOSE,
)


def ending(pair: Pair) -> Iterator[str]:
    """It ends as the English text does: a sentence with a full stop, a heading without."""
    if signs := _ENDS.get(pair.language):
        ours, theirs = (_CLOSING.sub("", text)[-1:] for text in (pair.text, pair.translation))
        if ours in signs and theirs not in {*signs[ours]}:
            yield f"the English text ends with {ours}, so this ends with {signs[ours][0]}"
        elif ours not in signs and theirs in {*"".join(signs.values())}:
            yield f"it ends with {theirs}, and the English text has no such end"


_POLITE = re.compile(
    r"(?:です|ます|ません|でした|ました|ください|でしょう|ましょう|ませんでした)(?:か|ね|よ)?$"
)
_PLAIN = re.compile(r"(?:[るたいうくすむぬぐぶつ]|だ|である)$")


def forms(pair: Pair) -> Iterator[str]:
    """One level of politeness: です・ます in Japanese, 你 in Chinese."""
    if pair.language == "zh" and "您" in pair.said:
        yield "您 is more formal than the rest; write 你, or leave it out"
    if pair.language == "ja":
        for sentence in re.split("。", pair.said.replace("*", ""))[:-1]:
            end = sentence.rstrip("）」』\ufffc ")
            if _PLAIN.search(end) and not _POLITE.search(end):
                yield f"“…{end[-8:]}。” is in the plain form; write です・ます"
