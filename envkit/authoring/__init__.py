"""What an author of an environment builds on: a canvas, a class that turns one drawing into every render mode,
and a wrapper that writes on frames how the episode goes.
"""

from envkit.authoring.canvas import Canvas, Sprite
from envkit.authoring.drawn import DrawnEnv
from envkit.authoring.overlay import Overlay

__all__ = ["Canvas", "DrawnEnv", "Overlay", "Sprite"]
