"""What a window shows its pictures on: a pygame.Window of its own, or in classic pygame the one display of the process.

A picture is scaled to the size that the user has given the window, keeps its proportions, and the rest stays dark. On a
display of high density a window has more pixels than points, in which its size is given. It is drawn in these pixels:
twice as many give sharp squares, where the desktop's own scaling would blur them.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Protocol

import gymnasium

from envkit.authoring.canvas import Canvas, _pygame
from envkit.authoring.palette import NIGHT
from envkit.core.errors import UsageError

UNSEEN = ("dummy", "offscreen")  # SDL's drivers that show nothing; it takes the last of them where no other works
DRIVER_CHOICES = ("SDL_VIDEODRIVER", "SDL_VIDEO_DRIVER")  # whoever sets one knows what to expect
LEAST = 240  # pixels of a new window's longer side; smaller pictures are enlarged by a whole factor
MOST = 0.9  # of the desktop
DENSITY_CHOICES = ("SDL_WINDOWS_DPI_SCALING", "SDL_WINDOWS_DPI_AWARENESS")  # likewise, of pixels a point


class Screen(Protocol):
    """Something on the desktop that shows pictures."""

    def alive(self) -> bool:
        """Whether it is still there: other code may have called pygame.quit()."""
        ...

    def owns(self, event: Any) -> bool:
        """Whether a pygame event is about it."""
        ...

    def show(self, canvas: Canvas) -> None: ...

    def close(self) -> None: ...


class OwnScreen:
    """A window of its own; pygame-ce has as many as are wanted."""

    def __init__(self, size: tuple[int, int], title: str):
        self.window = _pygame().Window(title, size, resizable=True, allow_high_dpi=True)

    def alive(self) -> bool:
        try:
            return bool(self.window.id)
        except _pygame().error:
            return False

    def owns(self, event: Any) -> bool:
        return getattr(event, "window", None) is self.window

    def show(self, canvas: Canvas) -> None:
        _fit(canvas, self.window.get_surface())  # asked for anew, as its size is that of the window in real pixels
        self.window.flip()

    def close(self) -> None:
        self.window.destroy()


class SharedScreen:
    """The one display that classic pygame has: every window of the process is this one."""

    def __init__(self, size: tuple[int, int], title: str):
        pygame = _pygame()
        if pygame.display.get_surface() is not None:
            _warn_shared()
        pygame.display.set_mode(size, pygame.RESIZABLE)
        pygame.display.set_caption(title)

    def alive(self) -> bool:
        return _pygame().display.get_surface() is not None

    def owns(self, event: Any) -> bool:  # noqa: ARG002 - there is no other
        return True

    def show(self, canvas: Canvas) -> None:
        display = _pygame().display
        _fit(canvas, display.get_surface())
        display.flip()

    def close(self) -> None:
        pass  # it goes with the connection, once no environment shows anything on it any more


_is_our_connection = False  # to the display: or had other code opened it before the first of our screens?


def open_screen(size: tuple[int, int], title: str) -> Screen:
    """A new screen for pictures of this size in pixels.

    Raises:
      UsageError: where there is no display.
    """
    pygame = _pygame()
    try:
        screen = _opened(size, title)
    except pygame.error as error:
        raise UsageError(
            f"render_mode='human' needs a display, and none can be opened ({error}); "
            "use render_mode='rgb_array', or set SDL_VIDEODRIVER=dummy to run without seeing anything"
        ) from error
    if pygame.display.get_driver() in UNSEEN and not any(os.environ.get(name) for name in DRIVER_CHOICES):
        _warn_unseen()
    return screen


def _opened(size: tuple[int, int], title: str) -> Screen:
    """Raises pygame.error where there is no display."""
    global _is_our_connection
    display = _pygame().display
    if not display.get_init():
        _ask_for_all_pixels()
        with _quiet_search():
            display.init()
        _is_our_connection = True
    kind = OwnScreen if _has_windows() else SharedScreen
    return kind(_comfortable(size), title)


def _ask_for_all_pixels() -> None:
    """Windows scales, and blurs, what does not say that it knows of densities; elsewhere a window says so itself."""
    if sys.platform == "win32" and not any(os.environ.get(name) for name in DENSITY_CHOICES):
        os.environ[DENSITY_CHOICES[0]] = "1"


def leave_display() -> None:
    """Ends the connection to the display when the last screen is closed, unless other code has opened it or uses it."""
    global _is_our_connection
    display = _pygame().display
    if display.get_init() and _is_our_connection and (display.get_surface() is None or not _has_windows()):
        display.quit()
        _is_our_connection = False


def _has_windows() -> bool:
    return hasattr(_pygame(), "Window")


def _comfortable(size: tuple[int, int]) -> tuple[int, int]:
    """The size of a new window: that of its pictures, unless they are tiny or larger than the desktop."""
    width, height = size
    factor = max(-(-LEAST // max(size)), 1)
    for across, down in _pygame().display.get_desktop_sizes()[:1]:
        factor = min(factor, MOST * across / width, MOST * down / height)
    return max(round(width * factor), 1), max(round(height * factor), 1)


def _fit(canvas: Canvas, surface: Any) -> None:
    """Draws the picture in the middle, as large as there is room for."""
    width, height = surface.get_size()
    scale = min(width / canvas.width, height / canvas.height)
    if scale == 1:
        picture = canvas.surface
    else:
        transform = _pygame().transform
        enlarge = transform.scale if scale.is_integer() else transform.smoothscale  # whole pixels stay sharp squares
        picture = enlarge(canvas.surface, (max(round(canvas.width * scale), 1), max(round(canvas.height * scale), 1)))
    across, down = picture.get_size()
    if (across, down) != (width, height):
        surface.fill(NIGHT)
    surface.blit(picture, ((width - across) // 2, (height - down) // 2))


@cache  # once a process: who has read it need not read it at every reset
def _warn_unseen() -> None:
    gymnasium.logger.warn(
        "render_mode='human' finds no display here, so its window is in memory and nobody sees it; run the program "
        "with `xvfb-run -a`, or use render_mode='rgb_array'; set SDL_VIDEODRIVER=dummy if nobody is meant to see it"
    )


@cache
def _warn_shared() -> None:
    gymnasium.logger.warn(
        "this pygame has one window a process, so all environments in human mode show themselves in the same one; "
        "for a window each: pip uninstall pygame, then pip install pygame-ce"
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
