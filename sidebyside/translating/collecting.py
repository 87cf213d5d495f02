"""
# Collecting the messages of a site

The site is built once, in English, into a folder that is thrown away. So whatever writes a page
(sources, hooks, notebooks) is read as readers will see it.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping, Sequence
from logging.handlers import BufferingHandler
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import MkDocsException

from sidebyside.translating.building import program_files
from sidebyside.translating.editions import Original
from sidebyside.translating.labels import own_labels, read_labels
from sidebyside.translating.messages import Message, says_something
from sidebyside.translating.shelf import SITE, Shelf

if TYPE_CHECKING:
    from sidebyside.mkdocs.plugin import SideBySidePlugin


def collect(config_file: Path) -> tuple[Shelf, Mapping[str, Sequence[Message]]]:
    """The shelf that a site names, and the messages of its pages."""
    log, errors = logging.getLogger("mkdocs"), BufferingHandler(1000)
    log.setLevel(logging.WARNING)
    errors.setLevel(logging.ERROR)
    log.addHandler(errors)
    with tempfile.TemporaryDirectory(prefix="mkdocs_") as folder:
        try:
            config = load_config(str(config_file), site_dir=folder)
            plugin: SideBySidePlugin = config.plugins["sidebyside"]  # type: ignore[assignment]
            shelf = plugin.config.shelf(config_file.resolve().parent)
            plugin.config.languages = []  # the original alone is built
            config.plugins.on_startup(command="serve", dirty=True)
            try:
                build(config)
            finally:
                config.plugins.on_shutdown()
        except (MkDocsException, KeyError) as error:
            told = [record.getMessage() for record in errors.buffer] or [str(error)]
            raise ValueError(
                "\n".join([f"{config_file}: the site cannot be built:", *told])
            ) from error
        finally:
            log.removeHandler(errors)
        assert isinstance(plugin.edition, Original)  # nobody asked for another
        edition = plugin.edition
        labels = [*own_labels(), *read_labels(program_files(config))]
        written = {label.text for label in labels}
        # Some labels stand in no program, such as the names in recorded results.
        said = (
            text for text in sorted(edition.said - written) if says_something(text, edition.names)
        )
        labels += [Message(text, "label") for text in said]
        edition.messages[SITE] += [each for each in labels if each.text not in edition.names]
        return shelf, edition.messages
