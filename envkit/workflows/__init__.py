"""Whole workflows: what a command does, as one function that Python can call too."""
