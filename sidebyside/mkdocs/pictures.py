"""
# Pictures beside a source

`![A curve](curve.png)` in a source means the file beside it. It is copied into the site, to the
same place among the pages, and the page says how large it is, so that nothing moves when it
arrives. A source may show what is in the folder that its `path:` names, and nothing else.
"""

from __future__ import annotations

import os
import posixpath
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from xml.etree import ElementTree

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from sidebyside.rendering.addresses import SourceFile

_KINDS = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".avif"}
_ACTING = {"script", "foreignobject", "iframe", "embed", "object", "handler", "listener"}
_ADDRESS = re.compile(
    r"[\s\x00-\x1f]*(javascript|vbscript|data\s*:\s*(?!image/(png|jpe?g|gif|webp)))", re.I
)


class PictureError(ValueError):
    """A picture that cannot be shown: why, and the remedy."""


@dataclass(frozen=True)
class Picture:
    """A picture on the site, as a page names it, and its size in pixels where the file tells."""

    url: str
    size: tuple[int, int] | None = None


class Pictures:
    """The pictures of a build. Those that pages ask for become files of the site."""

    def __init__(self, files: Files, config: MkDocsConfig) -> None:
        self._files, self._config = files, config
        self._ours: dict[str, Path] = {}

    def find(self, url: str, source: SourceFile) -> Picture:
        """The picture that a source names; raise `PictureError` if there is none to show."""
        path = (source.path.parent / unquote(urlsplit(url).path)).resolve()
        root = source.root.resolve()
        if not path.is_relative_to(root):
            raise PictureError(f"the picture {url!r} is outside of {root.name!r}; move it there")
        if not path.is_file():
            raise PictureError(f"there is no picture {url!r}; add the file, or mend its path")
        if path.suffix.lower() not in _KINDS:
            raise PictureError(f"{url!r} is no picture; link to it instead")
        data = path.read_bytes()
        if path.suffix.lower() == ".svg" and acts(data):
            raise PictureError(f"the picture {url!r} holds a script; save it as plain SVG")
        place = posixpath.join(source.to, path.relative_to(root).as_posix())
        if self._ours.setdefault(place, path) != path or self._is_taken(place):
            raise PictureError(f"the site has another file {place!r}; rename one of them")
        if not self._files.get_file_from_path(place):
            file = File.generated(self._config, place, abs_src_path=str(path))
            self._files.append(file)
        relative = posixpath.relpath(place, posixpath.dirname(source.page) or ".")
        return Picture(quote(relative), size(data))

    def _is_taken(self, place: str) -> bool:
        found = self._files.get_file_from_path(place)
        return found is not None and found.abs_src_path != os.fspath(self._ours[place])


def acts(svg: bytes) -> bool:
    """
    Whether an SVG could do something when someone opens it by itself.

    It is read as a browser reads it, whatever its encoding and prefixes, and however its letters
    are written. One that cannot be read might do anything.
    """
    try:
        nodes = [*ElementTree.fromstring(svg).iter()]
    except (ElementTree.ParseError, ValueError, LookupError):
        return True
    for node in nodes:
        if _local(node.tag) in _ACTING:
            return True
        for name, value in node.attrib.items():
            if _local(name).startswith("on") or _ADDRESS.match(value):
                return True
            if _local(name) == "attributename" and _local(value).startswith("on"):
                return True
            if _local(name) in ("values", "from", "to") and "script" in value.lower():
                return True
    text = svg.replace(b"\0", b"")  # of UTF-16, too
    return b"<?xml-stylesheet" in text or b"<!ENTITY" in text


def _local(name: str) -> str:
    """A name without its namespace or prefix."""
    return re.split("[}:]", name)[-1].lower()


def size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF, JPEG or WebP."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return _pair(">II", data, 16)
        if data[:6] in (b"GIF87a", b"GIF89a"):
            return _pair("<HH", data, 6)
        if data.startswith(b"\xff\xd8"):
            return _jpeg_size(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp_size(data)
    except (struct.error, IndexError):  # cut short
        pass
    return None


def _pair(form: str, data: bytes, at: int) -> tuple[int, int]:
    first, second = struct.unpack_from(form, data, at)
    return int(first), int(second)


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while data[at] == 0xFF:
        kind = data[at + 1]
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):  # a frame begins
            height, width = _pair(">HH", data, at + 5)
            return width, height
        at += 2 + int(struct.unpack_from(">H", data, at + 2)[0])
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    if data[12:16] == b"VP8 ":
        width, height = _pair("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if data[12:16] == b"VP8L":
        bits = int(struct.unpack_from("<I", data, 21)[0])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if data[12:16] == b"VP8X":
        bits = int.from_bytes(data[24:30], "little")
        return (bits & 0xFFFFFF) + 1, (bits >> 24) + 1
    return None
