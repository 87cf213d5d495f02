"""
# Pages in other languages

A page is cut into messages: a paragraph, a heading, an item, a cell. Each language keeps a catalog
of translations for each page. Code, formulas and what links lead to are the same in all languages:
a translation holds them as they are written in English, and nothing else decides about them.
"""
