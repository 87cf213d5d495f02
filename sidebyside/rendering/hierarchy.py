"""
# The classes of a package, drawn

One box for each class, below the class it extends. A box names the methods that the class adds and
those it overrides, and every name is a link. A class that others merely use stands aside, on a
dashed line. The drawing is a single column, narrow enough for a phone, and takes its colors from
the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from sidebyside.rendering.names import Names, Reference
from sidebyside.translating.editions import Say, label, say_english

# All lengths are in pixels. A phone of 390 px leaves about 356 beside the margins of a page.
_WIDTH = 356
_GAP = 30  # between two boxes: room for an arrow
_PAD = 14
_LINE = 24  # also the least height of a target for a finger
_SPINE, _ASIDE = 18, 30  # where the lines to subclasses and helpers run, from the left of a box
_STEP = 44  # how far branches and helpers are moved in
_LABEL = 78  # the column of "adds" and "overrides"
_NAME_SIZE, _TEXT_SIZE, _LABEL_SIZE = 15, 13, 12
_ADVANCE = 0.62  # the width of a letter in common monospaced fonts, in units of their size

_STYLE = """
.sbs-diagram { display: block; max-width: 100%; height: auto; }
.sbs-diagram text { font-family: var(--sbs-code-font, ui-monospace, monospace); }
.sbs-diagram rect { fill: var(--sbs-panel, none); stroke: var(--sbs-rule, currentColor); }
.sbs-diagram path { fill: none; stroke: var(--sbs-quiet, currentColor); }
.sbs-diagram text { fill: var(--sbs-quiet, currentColor); }
.sbs-diagram a text { fill: var(--sbs-accent, LinkText); }
.sbs-diagram a[href] { text-decoration: none; }
.sbs-diagram a[href]:is(:hover, :focus-visible) { text-decoration: underline; }
"""


@dataclass(eq=False)
class _Class:
    """A class of the drawing: its methods by label, the classes below it and those it uses."""

    link: Reference
    module: str
    base: str | None = None
    users: list[str] = field(default_factory=list)
    methods: dict[str, list[Reference]] = field(default_factory=dict)
    subclasses: list[_Class] = field(default_factory=list)
    helpers: list[_Class] = field(default_factory=list)


@dataclass
class _Box:
    """A class at its place. A line joins it to the box above, which it extends or helps."""

    content: _Class
    rows: list[tuple[str, list[Reference]]]
    x: int
    y: int
    above: _Box | None
    dashed: bool

    @property
    def height(self) -> int:
        return (len(self.rows) + 1) * _LINE + _PAD

    @property
    def bottom(self) -> int:
        return self.y + self.height


# What the rows of a box are called.
_OVERRIDES, _ADDS, _HAS = label("overrides"), label("adds"), label("has")


def hierarchy_svg(
    names: Names,
    page: str = "",
    modules: Iterable[str] | None = None,
    say: Say = say_english,
) -> str:
    """
    Draw the classes of the modules (of all that have pages) as one inline SVG element.

    `page` is the address of the page that shows it, relative to the root of the site.
    """
    boxes: list[_Box] = []
    for root in _roots(_classes(names, page, names.modules if modules is None else modules)):
        _place(root, boxes, above=None)
    height = boxes[-1].bottom + 1 if boxes else 1
    svg = ET.Element("svg", {"class": "sbs-diagram", "viewBox": f"0 0 {_WIDTH} {height}"})
    svg.attrib |= {"width": str(_WIDTH), "height": str(height)}
    # A group, not an image: what is inside an image is hidden from people who listen.
    svg.attrib |= {"role": "group", "aria-label": say("Class hierarchy")}
    ET.SubElement(svg, "style").text = _STYLE
    lines = ET.SubElement(svg, "g", {"aria-hidden": "true"})
    for box in boxes:
        if box.above is not None:
            _draw_line(lines, box, box.above)
        _draw_box(svg, box, say)
    return ET.tostring(svg, encoding="unicode")


def _classes(names: Names, page: str, modules: Iterable[str]) -> dict[str, _Class]:
    """The classes of the modules, and the documented ones they extend, by full name."""
    found: dict[str, _Class] = {}
    for module in modules:
        for each in names.definitions(module):
            link = names.reference(each.path, page)
            relations = names.relations(each.path)
            owner = found.get(each.path.rpartition(".")[0])
            if link is None or (each.kind == "class" and names.is_protocol(each.path)):
                continue
            if each.kind == "class" and "." not in each.name and _is_public(each.name):
                base = next(iter(names.bases(each.path)), None)
                users = [user.title for user in relations.used_by]
                found[each.path] = _Class(link, module.rpartition(".")[2], base, users)
            elif owner and each.kind in ("function", "attribute") and _is_public(each.name):
                row = _OVERRIDES if relations.overrides else _ADDS if owner.base else _HAS
                owner.methods.setdefault(row, []).append(link)
    above: dict[str, _Class] = {}
    for base in (each.base for each in found.values() if each.base and each.base not in found):
        link = names.reference(base, page)
        if link is not None:
            above[base] = _Class(link, base.rpartition(".")[0])
    return above | found


def _is_public(name: str) -> bool:
    """Whether a name is for readers: not `_Kept`, nor a method that every class has."""
    last = name.rpartition(".")[2]
    return not last.startswith("_") or last == "__call__"


def _roots(classes: dict[str, _Class]) -> list[_Class]:
    """Join the classes to trees: subclasses below their base, helpers beside their first user."""
    for each in classes.values():
        if each.base in classes:
            classes[each.base].subclasses.append(each)
    roots = [each for each in classes.values() if each.base not in classes]
    in_order = [each for root in roots for each in _tree(root)]
    for helper in [root for root in roots if not root.subclasses]:
        # Two classes may use each other; then the first stays where it is.
        inside = list(_tree(helper))
        others = (each for each in in_order if each not in inside)
        user = next((each for each in others if _uses(each, helper)), None)
        if user is not None:
            user.helpers.append(helper)
            roots.remove(helper)
    return roots


def _tree(root: _Class) -> Iterator[_Class]:
    yield root
    for each in [*root.helpers, *root.subclasses]:
        yield from _tree(each)


def _uses(user: _Class, helper: _Class) -> bool:
    path = user.link.title
    return any(each == path or each.startswith(f"{path}.") for each in helper.users)


def _place(content: _Class, boxes: list[_Box], above: _Box | None, dashed: bool = False) -> None:
    """Add the box of a class, and those of its helpers and subclasses, below all others."""
    only = above is not None and len(above.content.subclasses) == 1 and not dashed
    x = 0 if above is None else above.x if only else min(above.x + _STEP, _WIDTH // 2)
    y = boxes[-1].bottom + _GAP if boxes else 1
    methods = sorted(content.methods.items())
    rows = [row for label, names in methods for row in _rows(label, names, x)]
    box = _Box(content, rows, x, y, above, dashed)
    boxes.append(box)
    for helper in content.helpers:
        _place(helper, boxes, above=box, dashed=True)
    for subclass in content.subclasses:
        _place(subclass, boxes, above=box)


def _rows(label: str, names: list[Reference], x: int) -> Iterator[tuple[str, list[Reference]]]:
    """Break a list of names into lines that fit into a box at `x`; the first has the label."""
    row: list[Reference] = []
    for name in names:
        if row and _LABEL + _row_width([*row, name]) > _WIDTH - x - _PAD:
            yield label, row
            label, row = "", []
        row.append(name)
    yield label, row


def _row_width(names: list[Reference]) -> float:
    return sum(_text_width(_short(name), _TEXT_SIZE) + _PAD for name in names)


def _text_width(text: str, size: float) -> float:
    return len(text) * size * _ADVANCE


def _short(name: Reference) -> str:
    return name.name.rpartition(".")[2]


def _draw_line(parent: ET.Element, box: _Box, above: _Box) -> None:
    """A line from a box to the one above it; a hollow arrow says that it extends that one."""
    if box.dashed:
        x, middle = above.x + _ASIDE, box.y + _LINE
        path = f"M {box.x} {middle} H {x} V {above.bottom}"
        ET.SubElement(parent, "path", {"d": path, "stroke-dasharray": "3 3"})
        _draw_text(parent, "uses", x + 8, box.y - _GAP // 3)
        return
    x, tip = above.x + _SPINE, above.bottom
    start = f"M {x} {box.y}" if box.x == above.x else f"M {box.x} {box.y + _LINE} H {x}"
    arrow = f"M {x} {tip} l -6 10 h 12 z"
    ET.SubElement(parent, "path", {"d": f"{start} V {tip + 10} {arrow}"})


def _draw_box(parent: ET.Element, box: _Box, say: Say) -> None:
    content, width = box.content, _WIDTH - box.x - 1
    name = content.link.name
    title = name
    if box.dashed and box.above is not None:
        title = say("{name}, used by {other}", name=name, other=box.above.content.link.name)
    elif content.base is not None:
        base = content.base.rpartition(".")[2]
        title = say("{name} extends {other}", name=name, other=base)
    group = ET.SubElement(parent, "g", {"role": "group", "aria-label": title})
    frame = {"x": box.x + 0.5, "y": box.y, "width": width, "height": box.height, "rx": 6}
    ET.SubElement(group, "rect", {key: str(value) for key, value in frame.items()})
    y = box.y + _LINE
    room: float = width - 2 * _PAD
    beside = room - _PAD - _text_width(content.module, _LABEL_SIZE)
    if beside >= _text_width(name, _LABEL_SIZE):  # or else there is no room for both
        room = beside
        _draw_text(group, content.module, box.x + width - _PAD, y, anchor="end")
    size = min(_NAME_SIZE, room / _text_width(name, 1))
    _draw_link(group, content.link, box.x + _PAD, y, size, weight="600")
    for row, names in box.rows:
        y += _LINE
        _draw_text(group, say(row) if row else "", box.x + _PAD, y)
        x: float = box.x + _LABEL + _PAD
        for each in names:
            size = min(_TEXT_SIZE, (_WIDTH - 1 - _PAD - x) / _text_width(_short(each), 1))
            _draw_link(group, each, x, y, size)
            x += _text_width(_short(each), _TEXT_SIZE) + _PAD


def _draw_text(parent: ET.Element, text: str, x: int, y: int, anchor: str = "start") -> None:
    place = {"x": str(x), "y": str(y), "font-size": str(_LABEL_SIZE), "text-anchor": anchor}
    if text:
        ET.SubElement(parent, "text", place).text = text


def _draw_link(
    parent: ET.Element, to: Reference, x: float, y: float, size: float, weight: str = "400"
) -> None:
    link = ET.SubElement(parent, "a", {"href": to.url, "aria-label": to.name})
    place = {"x": f"{x:g}", "y": f"{y:g}", "font-size": f"{size:g}", "font-weight": weight}
    ET.SubElement(link, "text", place).text = _short(to)
