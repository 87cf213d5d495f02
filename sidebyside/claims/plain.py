r"""
# Words that may stand beside a proof

Words can turn a formula around: "left out, when `fast`:", "except for `$x = 1$`". No list of such
words is ever complete. So a formula is proved under a condition only where the words are one of a
few exact forms:

* the paragraph before it is "When `fast`:", or "When `fast` and when `not big`:", and no more; the
  one before that does not lead to it, and so ends with a full stop;
* its sentence is "For `$x = 1$`, `$y = 2$`." or "`$y = 2$` for `$x = 1$`.", with "if" or "when" in
  the place of "for", a "then" behind the comma, and other suppositions joined by "and".

A formula without a condition is true wherever its symbols mean something. Its neighbors are free,
but for words that deny it: in its heading, in the sentence that leads to it, and in the one behind.
One that goes on behind a formula begins with one of a few words, such as "where".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sidebyside.claims.sentences import EXCEPT, Sentence, cut
from sidebyside.formula.tree import Relation
from sidebyside.source.prose import Block, Text

_CONDITION = re.compile(r"When `[^`]+`(?: and when `[^`]+`)*:")
_FOR = "for|when|if|at|where"
_OPENS = re.compile(rf"\s*(?:{_FOR})\s+", re.IGNORECASE)
_ALSO = re.compile(rf"\s*,?\s*and\s+(?:(?:{_FOR})\s+)?")
_THEN = re.compile(
    r"\s*,?\s*(?:then\s+)?(?:(?:that|it|this|there)\s+is\s+|we\s+(?:have|find|get)\s+)?"
)
_BEGINS = re.compile(r"\s*(?:(?:so|then|thus|hence|here|there),?\s+)?", re.IGNORECASE)
_BEHIND = re.compile(rf"\s*,?\s*(?:{_FOR})\s+")
_ENDS = re.compile(r"\s*\.\s*")

_SHORT = 6  # words of a remark
_ITEM = re.compile(r"[*+-]\s")
_HEADING = re.compile(r"#{1,6}\s+(.*)")
_NOT = re.compile(
    r"\b(?:not|never|neither|nor|cannot|nobody|nowhere|hardly|seldom|rarely|would|no)\b|n['’]t\b",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\b(?:raises?|used to|once was|was once|formerly|previously|opposite|contrary|a lie|nonsense"
    r"|other way|erroneous\w*|invalid|incorrectly|rejected|refuted?|disproved|omit\w*"
    r"|left out|leaves? out|exclud\w*|forbidden|deprecated|obsolete|outdated|bogus|fake"
    r"|anything but|other than|apart from)\b",
    re.IGNORECASE,
)
# What makes a formula a part of another one.
_PART = re.compile(
    r"\b(?:minus|plus|times|twice|thrice|(?:half|third) of|over|divided by|than|less|more|most"
    r"|least|but|except|without)\W*$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"(?:where|with|and|then|so|since|because|as|in which)\b")
# What hides words, strikes them through or sets them apart.
_APART = re.compile(r"<[a-zA-Z!]|~~|^\s*(?:!!!|\?\?\?|===|>)", re.MULTILINE)


def is_unsure(before: Block | None, after: Block | None, guarded: bool) -> bool:
    """Return whether words around a display, perhaps below a condition, could turn it around."""
    if isinstance(before, Text):
        *others, last = _paragraphs(before)
        if guarded and not (_CONDITION.fullmatch(last) and all(map(_is_apart, others[-1:]))):
            return True
        leading = others[-1:] if guarded else [last]
        headings = [each for each in _paragraphs(before) if _HEADING.match(each)]
        whole = _without_code("\n".join(line.text for line in before.lines))
        if _APART.search(whole) or any(map(_denies, (*leading, *headings[-1:]))):
            return True
    return isinstance(after, Text) and _takes_back(_paragraphs(after)[0])


def is_plain(sentence: Sentence, text: str) -> bool:
    """Return whether words of a sentence say only under what a statement in it is true."""
    if not all(isinstance(each.formula.formula, Relation) for each in sentence):
        return False
    places = [n for n, each in enumerate(sentence) if each.formula.text == text]
    if len(sentence) < 2 or not _ENDS.fullmatch(sentence[-1].after):
        return False
    words = [each.before for each in sentence]
    if places == [len(sentence) - 1]:
        forms = [_OPENS, *[_ALSO] * (len(words) - 2), _THEN]
    elif places == [0]:
        forms = [_BEGINS, _BEHIND, *[_ALSO] * (len(words) - 2)]
    else:
        return False
    return all(form.fullmatch(each) for form, each in zip(forms, words, strict=True))


def _is_apart(paragraph: str) -> bool:
    """Whether a paragraph does not go on in the next one."""
    is_item = _ITEM.match(paragraph) and not paragraph.endswith((":", "?", ","))
    return bool(paragraph.endswith(".") or is_item or _HEADING.match(paragraph))


def _denies(paragraph: str) -> bool:
    """Whether a heading, or the sentence that leads to a formula, may deny it."""
    last = _without_code([each for each in cut(paragraph) if each.strip()][-1])
    if EXCEPT.search(last) or _DENIES.search(last):
        return True
    goes_on = _HEADING.match(paragraph) or not re.search(r"[.!?]\W*$", paragraph)
    return bool(goes_on and (_NOT.search(last) or _PART.search(last)))


def _takes_back(paragraph: str) -> bool:
    """Whether the sentence behind a formula may deny it."""
    first = _without_code(cut(paragraph)[0])
    if _ITEM.match(first) or _HEADING.match(first):
        return False
    denied = _NOT.search(first) or _DENIES.search(first)
    is_remark = len(first.split()) <= _SHORT and first.endswith((".", "!"))
    goes_on = not re.match(r"[A-Z$`\[_]", first)
    if EXCEPT.search(first) or (denied and (is_remark or goes_on)):
        return True
    return goes_on and not _GOES_ON.match(first)


def _paragraphs(text: Text) -> Sequence[str]:
    """The paragraphs of a text, each in one line."""
    found = re.split(r"\n\s*\n", "\n".join(line.text.strip() for line in text.lines).strip())
    return [" ".join(each.split()) for each in found]


def _without_code(text: str) -> str:
    return re.sub(r"`[^`]*`", "`…`", text)
