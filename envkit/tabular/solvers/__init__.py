"""One file a solver: its update or its sweeps, its source, and the constant `SOLVER`."""
