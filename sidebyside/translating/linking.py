"""
# From one language to another

A page has the same address in each language, below the folder of that language. So a reader who
changes the language stays on the page, and the map of the site tells search engines of all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from mkdocs.structure.pages import Page

from sidebyside.rendering.names import relative_url
from sidebyside.translating.editions import Edition, Original

if TYPE_CHECKING:
    from sidebyside.mkdocs.options import Options


@dataclass(frozen=True)
class Address:
    """Where a page is in a language, as seen from the page; empty for the language it is in."""

    name: str
    tag: str
    url: str


def addresses(options: Options, edition: Original | Edition, page: Page | None) -> list[Address]:
    """The languages of the site, with the address of a page in each; of none, the front pages."""
    here = edition.language.code if edition.language else ""
    url = page.url if page and page.url != "./" else ""
    found = []
    for code, name, tag in languages(options):
        there, start = (f"{folder}/{url}" if folder else url for folder in (code, here))
        address = "" if code == here else relative_url(there, start)
        found.append(Address(name, tag, address))
    return found


def languages(options: Options) -> Iterator[tuple[str, str, str]]:
    """The folder, the name and the tag of each language; the original has no folder."""
    yield "", options.language, "en"
    for each in options.languages:
        yield each.code, each.name, each.tag or each.code


def mapped(sitemap: str, site_url: str, options: Options, edition: Original | Edition) -> str:
    """The map of the site, with the addresses of each page in all languages."""
    here = f"{edition.language.code}/" if edition.language else ""
    root = site_url.removesuffix(here) if here else site_url

    def with_others(location: re.Match[str]) -> str:
        path = location[1].removeprefix(site_url)
        links = [
            (tag, urljoin(root, f"{code}/{path}" if code else path))
            for code, _, tag in languages(options)
        ]
        links.append(("x-default", urljoin(root, path)))
        return location[0] + "".join(
            f'\n         <xhtml:link rel="alternate" hreflang="{tag}" href="{escape(url)}"/>'
            for tag, url in links
        )

    namespace = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'
    sitemap = sitemap.replace("<urlset ", f"<urlset {namespace} ", 1)
    return re.sub(r"<loc>([^<]*)</loc>", with_others, sitemap)
