"""Solvers for environments with finitely many states and actions, and the exact answers to compare them with."""
