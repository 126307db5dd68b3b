"""Using an instance as loops, workers and users do."""
