"""A window for a person to watch frames in. Nothing but `render_mode="human"` needs it, or a display."""

import os

import gymnasium
import numpy as np
import numpy.typing as npt
import pygame

UNSEEN = ("dummy", "offscreen")  # SDL's drivers that show nothing; it takes the last of them where no other works


class Window:
    """One window, opened by the first frame and never resized. Its events are answered, so it does not freeze.

    Once the person has closed it, it stays closed, and showing does nothing.
    """

    def __init__(self, title: str, frames_a_second: float):
        self.title, self.frames_a_second = title, frames_a_second
        self.clock = pygame.time.Clock()
        self.surface: pygame.Surface | None = None
        self.dismissed = False

    def show(self, frame: npt.NDArray[np.uint8]) -> None:
        """Shows a frame, uint8 [height, width, 3], no sooner than the one before allows."""
        if self.dismissed:
            return
        height, width, _ = frame.shape
        if self.surface is None:
            self.surface = _opened((width, height), self.title)
        if any(event.type == pygame.QUIT for event in pygame.event.get()):
            self.close()
            self.dismissed = True
            return
        self.clock.tick(self.frames_a_second)
        self.surface.blit(pygame.image.frombuffer(frame.tobytes(), (width, height), "RGB"), (0, 0))
        pygame.display.flip()

    def close(self) -> None:
        """Closes the window if it is open. May be called at any time, and again."""
        if self.surface is not None:
            self.surface = None
            pygame.display.quit()


def _opened(size: tuple[int, int], title: str) -> pygame.Surface:
    try:
        pygame.display.init()
        surface = pygame.display.set_mode(size)
    except pygame.error as error:
        raise RuntimeError(
            f"render_mode='human' needs a display, and none can be opened ({error}); use render_mode='rgb_array'"
        ) from error
    pygame.display.set_caption(title)
    if pygame.display.get_driver() in UNSEEN and "SDL_VIDEODRIVER" not in os.environ:
        gymnasium.logger.warn(
            "render_mode='human' finds no display here, so nobody sees its window; run the program with `xvfb-run -a`, "
            "or use render_mode='rgb_array'; set SDL_VIDEODRIVER=dummy if nobody is meant to see it"
        )
    return surface
