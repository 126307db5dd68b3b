"""The parts of `checkers.py`."""
