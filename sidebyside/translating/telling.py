"""
# What a translated page says of itself

Its language; what of it is still in English; and that it may be corrected, and where.
"""

from __future__ import annotations

import posixpath
import re
from functools import reduce
from html import escape
from typing import TYPE_CHECKING

from mkdocs.structure.pages import Page

from sidebyside.translating.editions import Edition, Original
from sidebyside.translating.linking import addresses

if TYPE_CHECKING:
    from sidebyside.mkdocs.options import Options

_HTML = re.compile(r'(<html\b[^>]*?\blang=)"[^"]*"')
_ARTICLE = re.compile(r"<article\b([^>]*)>")


def tagged(html: str, edition: Original | Edition) -> str:
    """A page that says which language it is in, whatever its theme calls that."""
    if edition.language is None:
        return html
    return _HTML.sub(rf'\1"{edition.language.tag}"', html, count=1)


def in_language(html: str, page: Page, edition: Edition, options: Options) -> str:
    """A translated page, with what it says of itself."""
    name = page.file.src_uri.removesuffix(".md")
    html = tagged(html, edition)
    before = _state(name, edition)
    english = ' lang="en"'
    if edition.knows(name):  # where its passages are found in English
        english = f' data-english="{escape(addresses(options, edition, page)[0].url)}"'
    html = _ARTICLE.sub(lambda start: f"<article{start[1]}{english}>{before}", html, count=1)
    after = _note(_invitation(name, edition, options), edition, "sbs-translation")
    if page.is_homepage and edition.sections:
        after = _note(_progress(edition), edition, "sbs-translation") + after
    place = html.rfind("</article>")
    return html[:place] + after + html[place:]


def _state(name: str, edition: Edition) -> str:
    """What to know before reading: what is in English."""
    say = edition.say
    if not edition.knows(name):
        return _note(say("This page is still in English."), edition, "sbs-untranslated")
    if missing := edition.missing[name]:
        text = say(
            "{missing} of {total} passages of this page are still in English. They are marked.",
            missing=missing,
            total=edition.total[name],
        )
        return _note(text, edition, "sbs-untranslated")
    return ""


def _invitation(name: str, edition: Edition, options: Options) -> str:
    """Where a better sentence can be written."""
    if not edition.knows(name):
        return ""
    path = posixpath.join(options.translations, edition.language.code, f"{name}.po")
    file = f"<code>{escape(path)}</code>"
    if options.source_url:
        address = escape(options.source_url.format(path=path, line=1))
        file = f'<a href="{address}">{file}</a>'
    return edition.say(
        "Translated from English. If a sentence reads badly in your language, or says something"
        " else than the formulas do, please correct it: the texts of this page are in {file}.",
        file=file,
    )


def _progress(edition: Edition) -> str:
    """How much of the site is translated, as readers know it: by the parts of the navigation."""
    say = edition.say
    parts = []
    for section, pages in edition.sections:
        done, total = sum(map(edition.is_complete, pages)), len(pages)
        if done == total:
            parts.append(say("{section}: all {total} pages", section=section, total=total))
        else:
            fields = {"section": section, "done": done, "total": total}
            parts.append(say("{section}: {done} of {total} pages", **fields))
    return say(
        "In your language so far: {sections}. That is {share} % of the words of this site. What is"
        " still in English is marked.",
        sections=reduce(lambda one, other: say("{one}; {other}", one=one, other=other), parts),
        share=100 * (edition.words - edition.english_words) // max(edition.words, 1),
    )


def _note(text: str, edition: Edition, kind: str) -> str:
    """A paragraph beside the page, in the language of the edition."""
    return f'<p class="{kind}" lang="{edition.language.tag}">{text}</p>' if text else ""
