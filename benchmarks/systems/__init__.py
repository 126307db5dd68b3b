"""The parts of `seeds_tabular.py`: a file for each system of the tutorials, and what they share."""
