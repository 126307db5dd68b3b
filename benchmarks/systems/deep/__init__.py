"""The parts of `seeds_deep.py`: a file for each system of the tutorials, and what they share."""
