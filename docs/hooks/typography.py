"""Last touches on the text of a page: what stays in one piece, and links with a name."""

import re
from collections.abc import Callable
from html import escape, unescape

from mkdocs.config.defaults import MkDocsConfig

TAG = re.compile(r"""(<[a-zA-Z/!](?:[^>"']|"[^"]*"|'[^']*')*>)""")
NAME = re.compile(r"</?([a-z0-9]+)")
# Text in these is not prose.
OTHERS = {"pre", "script", "style", "svg", "math", "title", "textarea", "head"}
# Browsers break a line after any hyphen, also that of an exponent or a name, and before any number.
NUMBER = re.compile(
    r"(?<![\w.])\d[\d.]*e[-−]\d+|\b(?:[Ii]ssue|[Ll]ines?|Table|Section|Algorithm|version)\s\d[\d.]*\b"
    r"|\b(?:ResNet|GPT)-\d+|\b\d[\d.]* ×(?: \d+[²⁷]?)?"
)
# Browsers break Japanese headings by phrase, but take a long foreign word for several phrases.
IN_HEADINGS = re.compile(rf"{NUMBER.pattern}|(?<![ァ-ヺー])[ァ-ヺー]{{2,11}}(?![ァ-ヺー])")
# Scripts without italics stress words in ways of their own. A title in Latin letters has italics.
LATIN = re.compile(r"<em>(?P<words>[^<\u0370-\uffff]*[A-Za-z][^<\u0370-\uffff]*)</em>")
HEADINGS = {f"h{n}" for n in range(1, 7)}
HEADING = re.compile(
    r'(?P<words><h[1-6][^>]*>.*?)<a class="headerlink" href="(?P<to>[^"]*)" title="[^"]*">',
    re.DOTALL,
)


def on_page_content(html: str, config: MkDocsConfig, **_: object) -> str:
    """Name the links of headings, while formulas in them are plain text."""
    say = config.plugins["sidebyside"].say
    return HEADING.sub(lambda found: named(found, say), html)


def named(found: re.Match[str], say: Callable[..., str]) -> str:
    """A link that says where it leads: to listen to twenty "¶" helps nobody."""
    words = " ".join(unescape(re.sub(r"<[^>]*>", "", found["words"])).split())
    label = escape(say("Link to “{words}”", words=words))
    return f'{found["words"]}<a class="headerlink" href="{found["to"]}" aria-label="{label}">'


def on_post_page(output: str, config: MkDocsConfig, **_: object) -> str:
    """Put numbers such as 1e-16, and foreign words in headings, into an element of one piece."""
    if config.plugins["sidebyside"].edition.language:
        output = LATIN.sub(r'<em class="latin">\g<words></em>', output)
    parts, inside, whole = TAG.split(output), 0, NUMBER
    for place, part in enumerate(parts):
        if place % 2:
            name = NAME.match(part)
            if name and name[1] in OTHERS:
                inside += -1 if part.startswith("</") else not part.endswith("/>")
            elif name and name[1] in HEADINGS:
                whole = NUMBER if part.startswith("</") else IN_HEADINGS
        elif not inside:
            parts[place] = whole.sub(r'<span class="whole">\g<0></span>', part)
    return "".join(parts)
