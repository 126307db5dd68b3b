"""The rows of the table, one file each: a way to step the environment, found by its constant ROW."""
