"""The window of the `human` render mode: opened at the first frame, paced, and closable at any time.

pygame has one window a process, so the environment that showed a frame last has it.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import gymnasium

from envkit.authoring.canvas import Canvas, _pygame
from envkit.core.errors import UsageError

UNSEEN = ("dummy", "offscreen")  # SDL's drivers that show nothing; it takes the last of them where no other works
DRIVER_CHOICES = ("SDL_VIDEODRIVER", "SDL_VIDEO_DRIVER")  # whoever sets one knows what to expect


class Window:
    """Shows canvases. Once the user has closed it, it stays closed and showing does nothing.

    Args:
      title: of the window.
      fps: frames a second that `wait` keeps to.
    """

    def __init__(self, title: str, fps: float):
        self.title, self.fps = title, fps
        self.dismissed = False
        self._screen: Any = None
        self._due = 0.0

    def show(self, canvas: Canvas) -> None:
        """Puts the canvas on the screen and hears what the user does with the window."""
        pygame = _pygame()
        if self.dismissed:
            return
        if self._screen is None or pygame.display.get_surface() is not self._screen:
            self._screen = _open(pygame, (canvas.width, canvas.height), self.title)
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                self.close()
                self.dismissed = True
                return
        self._screen.blit(canvas.surface, (0, 0))
        pygame.display.flip()

    def wait(self) -> None:
        """Sleeps until the next frame is due; not at all if it is late already."""
        now = time.monotonic()
        if now < self._due:
            time.sleep(self._due - now)
        self._due = max(now, self._due) + 1 / self.fps

    def close(self) -> None:
        """Closes the window if it is this one's; again is harmless."""
        if self._screen is not None:
            pygame = _pygame()
            if pygame.display.get_init() and pygame.display.get_surface() is self._screen:
                pygame.display.quit()
            self._screen = None


def _open(pygame: Any, size: tuple[int, int], title: str) -> Any:
    try:
        with _quiet_search():
            pygame.display.init()
        screen = pygame.display.set_mode(size)
    except pygame.error as error:
        raise UsageError(
            f"render_mode='human' needs a display, and none can be opened ({error}); "
            "use render_mode='rgb_array', or set SDL_VIDEODRIVER=dummy to run without seeing anything"
        ) from error
    pygame.display.set_caption(title)
    if pygame.display.get_driver() in UNSEEN and not any(os.environ.get(name) for name in DRIVER_CHOICES):
        _warn_unseen()
    return screen


@cache  # once a process: who has read it need not read it at every reset
def _warn_unseen() -> None:
    gymnasium.logger.warn(
        "render_mode='human' finds no display here, so its window is in memory and nobody sees it; run the program "
        "with `xvfb-run -a`, or use render_mode='rgb_array'; set SDL_VIDEODRIVER=dummy if nobody is meant to see it"
    )


@contextmanager
def _quiet_search() -> Iterator[None]:
    """SDL asks Wayland first, whose library complains on stderr without this variable; there is no Wayland then."""
    if "XDG_RUNTIME_DIR" in os.environ or "WAYLAND_DISPLAY" in os.environ:
        yield
        return
    os.environ["XDG_RUNTIME_DIR"] = os.devnull  # where no socket can be, so that nothing is found in it either
    try:
        yield
    finally:
        del os.environ["XDG_RUNTIME_DIR"]
