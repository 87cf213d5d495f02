"""Tests mirror the packages; `parity/` compares with other people's implementations."""
