"""The windows of the `human` render mode: opened at the first frame, paced, resizable, and closable at any time.

Each environment has its own, as many at once as are wanted. While any of them shows a frame or waits for the next one,
all are heard and redrawn; closing one ends that one only. What happens while the program is busy elsewhere, with a
learner's update between two steps, waits until then: pygame may be used from one thread only.
"""

import time
import weakref
from math import ceil
from typing import Any

from envkit.authoring.canvas import Canvas, _pygame
from envkit.authoring.screens import Screen, leave_display, open_screen

PATIENCE = 0.03  # seconds after which a window that waits hears the user again
MOST_KEPT = 256  # keys and clicks, where nobody reads them


class Window:
    """Shows canvases. Once the user has closed it, it stays closed and showing does nothing.

    Args:
      title: of the window.
      fps: frames a second that `wait` keeps to.
    """

    def __init__(self, title: str, fps: float):
        self.title, self.fps = title, fps
        self.dismissed = False
        self._screen: Screen | None = None
        self._canvas: Canvas | None = None  # as it is shown, to be shown again in another size
        self._due = 0.0

    def show(self, canvas: Canvas) -> None:
        """Puts the canvas on the screen, having heard what the user does with the windows."""
        if self.dismissed:
            return
        if not self.is_open:
            _bury()
            self._screen = open_screen((canvas.width, canvas.height), self.title)
            _windows.add(self)
        _hear()
        self._canvas = canvas
        self._redraw()

    def wait(self) -> None:
        """Lets time pass until the next frame is due, hearing the user meanwhile; none if it is late already."""
        now = time.monotonic()
        if (left := self._due - now) > 0:
            naps = ceil(left / PATIENCE)
            for _ in range(naps):
                time.sleep(left / naps)
                if self.is_open:
                    _hear()
        self._due = max(now, self._due) + 1 / self.fps

    @property
    def is_open(self) -> bool:
        """Whether it is on the desktop now."""
        return self._screen is not None and self._screen.alive()

    def close(self) -> None:
        """Closes the window; again is harmless."""
        if self._screen is None:
            return
        if self._screen.alive():
            self._screen.close()
        self._screen = self._canvas = None
        _windows.discard(self)
        if not any(window.is_open for window in _windows):
            leave_display()

    def _redraw(self) -> None:
        if self._canvas is not None and self._screen is not None and self._screen.alive():
            self._screen.show(self._canvas)

    def _notice(self, event: Any) -> None:
        """Does what the user wants of this window, if the event is about it."""
        pygame = _pygame()
        if event.type == pygame.QUIT or (event.type == pygame.WINDOWCLOSE and self._owns(event)):
            self.close()
            self.dismissed = True
        elif event.type in (pygame.WINDOWSIZECHANGED, pygame.WINDOWEXPOSED) and self._owns(event):
            self._redraw()

    def _owns(self, event: Any) -> bool:
        return self._screen is not None and self._screen.owns(event)


_windows: "weakref.WeakSet[Window]" = weakref.WeakSet()  # those on the desktop


def _bury() -> None:
    """Lets go of the windows that pygame.quit() has ended, before a new one is opened.

    pygame destroys a window by its address when the last reference goes, and the new one may be given that address.
    """
    for window in list(_windows):
        if not window.is_open:
            window._screen = None
            _windows.discard(window)


def _hear() -> None:
    """Tells all windows what the user did. Keys and clicks are nothing to them, and stay for whoever reads them."""
    pygame = _pygame()
    strokes = (pygame.KEYDOWN, pygame.KEYUP, pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP)
    events = pygame.event.get()
    for event in events:
        for window in list(_windows):
            window._notice(event)
    for event in [event for event in events if event.type in strokes][-MOST_KEPT:]:
        if pygame.display.get_init():  # the last window may have been closed just now
            pygame.event.post(event)
