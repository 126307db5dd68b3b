"""Artifacts that must survive: atomic writes, and a directory of its own for every run."""
