"""Previous and next follow the story, and end with it: the pages of *Inside* are for looking up."""

from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

INSIDE = "Inside"


def on_nav(nav: Navigation, **_: object) -> None:
    """Part the last page of the story from the first page inside."""
    first = next((page for page in nav.pages if is_inside(page)), None)
    if first and first.previous_page:
        first.previous_page.next_page = None
        first.previous_page = None


def is_inside(page: Page) -> bool:
    """Whether the outermost section of a page is *Inside*."""
    return bool(page.ancestors) and page.ancestors[-1].title == INSIDE
