"""A Python file as an annotated page: its sections, prose, formulas and lists of symbols."""
