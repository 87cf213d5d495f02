"""A font for Sinhala: not every system has one that joins letters as they should be."""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

PACKAGE = Path("node_modules", "@fontsource", "noto-serif-sinhala")  # SIL Open Font License 1.1
WEIGHTS = (400, 700)


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add the font to the Sinhala edition, where docs/assets/languages.css asks for it."""
    language = config.plugins["sidebyside"].edition.language
    if language is None or language.code != "si":
        return
    folder = Path(config.config_file_path).parent / PACKAGE
    for weight in WEIGHTS:
        path = folder / "files" / f"noto-serif-sinhala-sinhala-{weight}-normal.woff2"
        if not path.is_file():
            raise PluginError(f"{path} is missing; run `npm ci`")
        name = f"assets/fonts/noto-serif-sinhala-{weight}.woff2"
        files.append(File.generated(config, name, content=path.read_bytes()))
    licence = (folder / "LICENSE").read_text(encoding="utf-8")
    files.append(File.generated(config, "assets/fonts/LICENSE.txt", content=licence))
