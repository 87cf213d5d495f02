"""Pictures beside a source are copied into the site, with their size, and nothing else is."""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path

import pytest

from sidebyside.mkdocs.pictures import acts, size
from tests.sidebyside.test_mkdocs import Project, built, project

__all__ = ["project"]  # a fixture


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


FILES = {
    "PNG": png(30, 20),
    "GIF": b"GIF89a" + struct.pack("<HH", 30, 20),
    "JPEG": b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc2\x00\x0b\x08" + struct.pack(">HH", 20, 30),
    "WebP": b"RIFF____WEBPVP8 ____---\x9d\x01\x2a" + struct.pack("<HH", 30, 20),
    "WebP, lossless": b"RIFF____WEBPVP8L____\x2f" + struct.pack("<I", 29 | 19 << 14),
    "WebP, extended": b"RIFF____WEBPVP8X________\x1d\0\0\x13\0\0",
}


@pytest.mark.parametrize("kind", FILES)
def test_the_size_of_a_picture_is_read_from_its_file(kind: str) -> None:
    assert size(FILES[kind]) == (30, 20)


@pytest.mark.parametrize("kind", FILES)
def test_a_picture_that_is_cut_short_has_no_size(kind: str) -> None:
    assert size(FILES[kind][:9]) is None


def says(project: Project, text: str, strict: bool = True) -> None:
    """Write a module with a docstring."""
    config = (project.folder / "mkdocs.yml").read_text(encoding="utf-8")
    if not strict:
        config = config.replace("to: annotated", "to: annotated\n          strict: false")
    said = {"package/part/said.py": f'"""\n# Said\n\n{text}\n"""\nx = 1\n', "mkdocs.yml": config}
    project.write(said | {"package/part/__init__.py": ""})


def put(project: Project, name: str, data: bytes) -> Path:
    path = project.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_pictures_beside_a_source_are_copied_with_their_size(project: Project) -> None:
    says(project, "![One](one.png)\n\n![Two](../more%20of/two.png)\n\n![Home](../../docs/home.png)")
    put(project, "package/part/one.png", png(30, 20))
    put(project, "package/more of/two.png", png(7, 5))
    put(project, "package/unused.png", png(1, 1))
    put(project, "docs/home.png", png(2, 2))
    page = built(project).page("annotated/part/said")
    assert re.findall("<img[^>]*>", page) == [
        '<img alt="One" height="20" src="../one.png" width="30">',
        '<img alt="Two" height="5" src="../../more%20of/two.png" width="7">',
        '<img alt="Home" src="../../../home.png">',
    ]
    site = project.site()
    assert site["site/annotated/part/one.png"] == png(30, 20)
    assert site["site/annotated/more of/two.png"] == png(7, 5)
    assert "site/annotated/unused.png" not in site


REFUSED = {
    "missing.png": "there is no picture 'missing.png'; add the file, or mend its path",
    "../../outside.png": "the picture '../../outside.png' is outside of 'package'; move it there",
    "link.png": "the picture 'link.png' is outside of 'package'; move it there",
    "said.py": "'said.py' is no picture; link to it instead",
    "acts.svg": "the picture 'acts.svg' holds a script; save it as plain SVG",
}


SVG = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


@pytest.mark.parametrize(
    "inside",
    [
        "<script>go()</script>",
        "<s:script xmlns:s='http://www.w3.org/2000/svg'>go()</s:script>",
        "<g onload='go()'/>",
        "<a href='javascript:go()'><path/></a>",
        "<a xlink:href=' &#106;ava&#115;cript:go()'><path/></a>",
        "<a href='data:text/html,x'><path/></a>",
        "<a><set attributeName='href' to='javascript:go()'/></a>",
        "<a><animate attributeName='href' values='#;javascript:go()'/></a>",
        "<set attributeName='onclick' to='go()'/>",
        "<foreignObject><p/></foreignObject>",
        "<?xml-stylesheet href='acts.xsl'?>",
        "<unclosed>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_svg_that_could_act_is_found_however_it_is_written(inside: str, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><svg {SVG}>{inside}</svg>'
    assert acts(text.encode(encoding))


def test_a_plain_drawing_does_not_act() -> None:
    drawing = (
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd">'
        f"<svg {SVG}><!-- a curve --><style>path {{stroke: red}}</style><title>on script</title>"
        '<defs><path id="p" d="M0 0"/></defs><use xlink:href="#p" opacity="1"/>'
        '<image href="data:image/png;base64,AA"/><animate attributeName="x" from="0" to="1"/></svg>'
    )
    assert not acts(drawing.encode())
    assert not acts(drawing.encode("utf-16"))


@pytest.mark.parametrize("url", [url for url in REFUSED if url != "said.py"])
def test_a_picture_that_cannot_be_shown_is_an_error_with_its_remedy(
    project: Project, url: str
) -> None:
    says(project, f"Look:\n\n![It]({url})")
    secret = put(project, "outside.png", png(3, 3))
    (project.folder / "package/part/link.png").symlink_to(secret)
    put(project, "package/part/acts.svg", b"<svg onload='go()'/>")
    code, output = project.build()
    assert code == 1
    assert f"package/part/said.py:6: {REFUSED[url]}" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("url", ["missing.png", "../../outside.png", "acts.svg"])
def test_the_page_of_others_says_which_picture_is_missing(project: Project, url: str) -> None:
    says(project, f"![It]({url})", strict=False)
    put(project, "outside.png", png(3, 3))
    put(project, "package/part/acts.svg", b"<svg><script>go()</script></svg>")
    page = built(project).page("annotated/part/said")
    assert f'It <span class="sbs-missing">(This picture is missing: {url})</span>' in page
    assert not [name for name in project.site() if name.endswith(("outside.png", "acts.svg"))]
