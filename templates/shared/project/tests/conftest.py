"""Windows that tests open stay in memory, where no display is needed and nothing flickers."""

import os

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
