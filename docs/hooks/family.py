"""Show on each optimizer's page where it stands in the family, and the term that it changed.

The lines are those of the home page, which is built before the pages of source files.
"""

import re

from mkdocs.exceptions import PluginError
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

MEMBER = re.compile(
    r'<p class="site-name"><strong><a href="(?P<url>[^"]*)">(?P<name>[^<]*)</a></strong>'
    r'(?P<year>[^<]*)</p>\s*(?P<term><p class="site-term">.*?</p>)',
    re.DOTALL,
)
PLACE = re.compile(r'class="sbs-intro".*?<details class="sbs-legend">.*?</details>\n', re.DOTALL)

_members: list[re.Match[str]] = []


def on_post_page(output: str, *, page: Page, **_: object) -> str:
    """Remember the family, or put it below the title."""
    if page.is_homepage:
        _members[:] = MEMBER.finditer(output)
    if page.url not in [member["url"] for member in _members]:
        return output
    place = PLACE.search(output)
    if place is None:
        raise PluginError(f"{page.file.src_uri}: no place for the family of the home page")
    rows = "".join(row(member, page.url) for member in _members)
    return f'{output[: place.end()]}<ul class="site-kin">{rows}</ul>\n{output[place.end() :]}'


def row(member: re.Match[str], here: str) -> str:
    """One of the family: a link to it, or, on its own page, its name alone."""
    shown, current = f"<strong>{member['name']}</strong>", ' aria-current="page"'
    if member["url"] != here:
        to = get_relative_url(member["url"], here)
        shown, current = f'<a href="{to}">{member["name"]}</a>', ""
    return f'<li{current}><p class="site-name">{shown}{member["year"]}</p>{member["term"]}</li>'
