"""Frames of an environment in the render mode `rgb_array`, each looked at before it is used."""

from envkit.core.drive import Driver
from envkit.core.errors import EnvironmentFailed
from envkit.workflows.video import Frame
from envkit.workflows.visible import frame_of, rendering


class Camera:
    """Takes the pictures of a film, which are all of one size.

    Attributes:
      blank: whether all of them so far are of one and the same colour.
    """

    def __init__(self) -> None:
        self.blank = True
        self._first: Frame | None = None

    def shot(self, driver: Driver) -> Frame:
        """As `visible.frame_of`. Raises EnvironmentFailed as well when the size has changed."""
        frame = frame_of(driver)
        if self._first is None:
            self._first = frame[:1, :1].copy()
            self._size = frame.shape[:2]
        if frame.shape[:2] != self._size:
            sizes = [f"{height} x {width}" for height, width in (frame.shape[:2], self._size)]
            message = f"{rendering(driver)} returned a frame of {sizes[0]} pixels after frames of {sizes[1]}"
            raise EnvironmentFailed(f"{message}; a film has one size", method="render")
        self.blank = self.blank and bool((frame == self._first).all())
        return frame
