"""What an author of an environment builds on: a canvas, and a class that turns one drawing into every render mode."""
