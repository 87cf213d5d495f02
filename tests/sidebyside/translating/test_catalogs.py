"""Catalogs: read strictly, updated without losing anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from sidebyside.translating.catalogs import (
    CARRIED,
    Catalog,
    CatalogError,
    Changes,
    read_catalog,
    updated,
    write_catalog,
)
from sidebyside.translating.messages import Message

HEADER = 'msgid ""\nmsgstr "Language: ja\\n"\n\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "page.po"
    path.write_text(HEADER + text, encoding="utf-8")
    return path


def catalog(folder: Path, **translations: str) -> Catalog:
    entries = [f'msgid "{text}"\nmsgstr "{said}"\n\n' for text, said in translations.items()]
    return read_catalog(written(folder, "".join(entries)), "ja")


def update(before: Catalog, *texts: str, others: dict[str, str] | None = None) -> Catalog:
    messages = [Message(text, "paragraph", place="a.py:3") for text in texts]
    return updated(before, messages, others or {}, Changes())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('msgid "a"\nmsgstr "b\n', r"page\.po:5: cannot read `msgstr \"b`"),
        ('msgid "a\nmsgstr "b"\n', r"page\.po:4: cannot read"),
        ('msgid "a"\nmsgstr "b"\nmsgid "a"\nmsgstr "c"\n', r"page\.po:6: .* in line 4 already"),
        ('msgid "a"\nmsgid "b"\nmsgstr "c"\n', r"page\.po:5: `msgstr` is missing before"),
        ('msgid "a"\n', r"page\.po:4: this message has no `msgstr`"),
        ('msgid "a"\nmsgstr "b" c\n', r"page\.po:5: cannot read"),
        ('msgid "a"\nmsgstr "b \\ c"\n', r"page\.po:5: cannot read"),
        ('<<<<<<< HEAD\nmsgid "a"\nmsgstr "b"\n', r"page\.po:4: .*two versions were merged"),
        ('msgctxt "x"\nmsgid "a"\nmsgstr "b"\n', r"page\.po:4: .*one `msgid` and one `msgstr`"),
    ],
)
def test_broken_syntax_is_refused_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(CatalogError, match=says):
        read_catalog(written(tmp_path, text), "ja")


def test_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "page.po"
    path.write_bytes(HEADER.encode() + 'msgid "a"\nmsgstr "勾配"\n'.encode("shift_jis"))
    with pytest.raises(CatalogError, match=r"page\.po:5: not valid UTF-8"):
        read_catalog(path, "ja")


def test_a_catalog_of_another_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"page\.po:2: .*'ja' language, in the folder of 'si'"):
        read_catalog(written(tmp_path, ""), "si")


def test_a_translation_whose_message_only_moved_stays(tmp_path: Path) -> None:
    after = update(catalog(tmp_path, one="一", two="二"), "two", "one")
    assert [after.translation(text) for text in ("one", "two")] == ["一", "二"]


def test_a_changed_formula_is_carried_over_and_flagged(tmp_path: Path) -> None:
    before = catalog(tmp_path, **{"add $ε$ to `eps`": "`eps` に $ε$ を足す"})
    after = update(before, "add $β$ to `eps`")
    entry = after.find("add $β$ to `eps`")
    assert entry is not None
    assert entry.flags == [CARRIED]
    assert after.translation("add $β$ to `eps`") == "`eps` に $β$ を足す"


def test_a_changed_sentence_shows_english_and_keeps_the_old_one_as_a_proposal(
    tmp_path: Path,
) -> None:
    before = catalog(tmp_path, **{"the mean of the gradient": "勾配の平均"})
    after = update(before, "the mean of the squared gradient")
    entry = after.find("the mean of the squared gradient")
    assert entry is not None
    assert (entry.fuzzy, entry.previous_msgid) == (True, "the mean of the gradient")
    assert after.translation("the mean of the squared gradient") is None


def test_a_message_that_went_and_came_back_has_its_translation(tmp_path: Path) -> None:
    without = update(catalog(tmp_path, one="一", two="二"), "two")
    assert without.translation("one") is None
    write_catalog(without)
    again = update(read_catalog(without.path, "ja"), "one", "two")
    assert again.translation("one") == "一"


@pytest.mark.parametrize("before", [{}, {"one": ""}])
def test_what_another_page_translates_is_taken_from_there_and_flagged(
    tmp_path: Path, before: dict[str, str]
) -> None:
    after = update(catalog(tmp_path, **before), "one", others={"one": "一"})
    assert after.translation("one") == "一"
    (entry,) = after.entries
    assert entry.flags == [CARRIED]


def test_writing_and_reading_changes_nothing(tmp_path: Path) -> None:
    text = 'say \\"so\\", \\\\htmlData'
    before = update(catalog(tmp_path, **{text: "「そう」と言う"}), 'say "so", \\htmlData')
    write_catalog(before)
    after = read_catalog(before.path, "ja")
    assert after.translation('say "so", \\htmlData') == "「そう」と言う"
    assert update(after, 'say "so", \\htmlData').entries == after.entries
