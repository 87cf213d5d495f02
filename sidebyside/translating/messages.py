"""
# Messages: what is translated, and what is locked

A message is the Markdown of one paragraph, heading, item or cell, joined to one line. What is
locked in it (formulas, code, the targets of links, footnotes, attributes, HTML) stands in it as
its author wrote it. A translation holds the same locked parts, each as often, in any order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

LOCKED = re.compile(
    r"""
    (?P<ticks>(?<!`)`+)(?!`).+?(?<!`)(?P=ticks)(?!`)       # code
  | \$\$[^$]+\$\$ | \$(?=\S)(?:\\.|[^$\\`])+?(?<=\S)\$  # a formula
  | (?<=\])\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+"[^"]*")?\)  # where a link leads
  | \[\^[^\]\s]+\]                                    # a footnote
  | \{:?\s*(?:[.#][\w-]+|[\w-]+=[^\s{}]+|download)(?:\s+[^\s{}]+)*\s*\}  # attributes
  | \{[a-z_]+\}                                       # a field of a label
  | <https?://[^>\s]+> | https?://[^\s)>\]]+[^\s)>\].,;:]
  | </?[a-zA-Z][^<>]*> | &\#?\w+;                     # HTML
    """,
    re.VERBOSE,
)
_COMMENT = re.compile(r"<!--.*?-->")
FORMULA = re.compile(r"\$\$[^$]+\$\$|\$(?=\S)(?:\\.|[^$\\`])+?(?<=\S)\$")


@dataclass(frozen=True)
class Message:
    """
    A text to translate: what kind of text, in which definition, and the file and line it is from.
    """

    text: str
    kind: str
    scope: str = ""
    place: str = ""

    @property
    def comment(self) -> str:
        """For translators: what this is."""
        return f"{self.kind} of {self.scope}" if self.scope else self.kind


def joined(text: str) -> str:
    """A text on one line, so that to wrap it differently changes nothing."""
    return " ".join(text.split())


def locked(text: str) -> list[str]:
    """The locked parts of a message or a translation, as they stand in it."""
    return [match[0] for match in LOCKED.finditer(text)]


def frame(text: str) -> str:
    """A message without its locked parts: messages with one frame say the same of other things."""
    return LOCKED.sub("\ufffc", text)


_WORD = re.compile(r"(?<![\w.])[^\W\d_]{2,}[\w.-]*")


def says_something(text: str, names: Collection[str] = ()) -> bool:
    """
    Whether a text has words, other than names and files. Numbers and formulas need no translation.
    """
    words = _WORD.findall(_COMMENT.sub("", LOCKED.sub(" ", text)))
    return any(word.rstrip(".-") not in names and not word.endswith(".py") for word in words)


def count_words(text: str) -> int:
    """How many words a text has, outside what is locked."""
    return len(_WORD.findall(LOCKED.sub(" ", text)))


def lost_and_added(text: str, translation: str) -> tuple[list[str], list[str]]:
    """The locked parts that a translation lacks, and those it has too many."""
    ours, theirs = Counter(locked(text)), Counter(locked(translation))
    return [*(ours - theirs).elements()], [*(theirs - ours).elements()]


def with_locked(before: str, now: str, translation: str) -> str | None:
    """
    A translation of the message `before`, made one of the message `now`.

    Their frames are the same, so only locked parts differ. None if it is not clear which is which.
    """
    changed: dict[str, str] = {}
    for old, new in zip(locked(before), locked(now), strict=True):
        if changed.setdefault(old, new) != new:
            return None
    moved = LOCKED.sub(lambda part: changed.get(part[0], part[0]), translation)
    return None if any(lost_and_added(now, moved)) else moved
