"""What an author of an environment builds on: a canvas, and a class that turns one drawing into every render mode."""

from envkit.authoring.canvas import Canvas, Sprite
from envkit.authoring.drawn import DrawnEnv

__all__ = ["Canvas", "DrawnEnv", "Sprite"]
