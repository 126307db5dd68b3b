"""What `envkit new` copies. The scaffolder skips this file."""
