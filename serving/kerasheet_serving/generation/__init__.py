"""Texts that a language model continues, many at once."""
