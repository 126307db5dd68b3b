"""The game in a window: the environment's frames, scaled to fit, and a panel beside them.

The window is the kit's own, for the environment is asked for arrays only; so the window hears every key, can be
resized, never freezes while nobody plays, and closing it ends the game and nothing else.
"""

import os
import time
from collections.abc import Sequence
from typing import Any

from envkit.authoring import palette
from envkit.authoring.palette import Colour
from envkit.authoring.screens import DRIVER_CHOICES, UNSEEN
from envkit.core.errors import UsageError
from envkit.core.optional import need
from envkit.workflows.playing.controls import Controls
from envkit.workflows.playing.panel import Panel, panel
from envkit.workflows.video import Frame
from envkit.workflows.visible import frame_of

WIDTH, MARGIN = 340, 16  # pixels of the panel, and around what is in it
FRAME = 600  # pixels of the longer side of a frame at first
LEAST = (480, 320)  # pixels of the window
TICK = 1 / 120  # seconds between looks at the keyboard
DELAY, INTERVAL = 300, 90  # milliseconds after which a held key repeats, and between
SMALL, LARGE, LINE = 21, 27, 23  # sizes of text, and from line to line
MOST_FILLED = 8  # steps made up for after a pause of the machine


def play_in_window(controls: Controls) -> None:
    """Plays until somebody ends it.

    Raises:
      UsageError: where no window can be opened.
      EnvironmentFailed: when the environment, its frames or the policy fail.
    """
    window = _Window(controls)
    try:
        window.run()
    finally:
        window.close()


class _Window:
    def __init__(self, controls: Controls):
        self.controls = controls
        self.pygame = _pygame()
        self.frame = frame_of(controls.session.scribe)
        self.shown: Any = None  # the moment that the frame shows
        self.names: dict[int, str] = {}  # of the keys that are down
        self.screen = self._open()

    def run(self) -> None:
        """Looks at keys, lets time pass, and draws what has changed, over and over."""
        controls, due, drawn = self.controls, 0.0, None
        while not controls.quit:
            dirty = self._hear()
            now = time.monotonic()
            if not controls.ticking:
                due = now + controls.pause
            elif now >= due:
                controls.tick()
                due = max(due + controls.pause, now - MOST_FILLED * controls.pause)
            told = panel(controls)
            if dirty or (told, controls.help, controls.session.now) != drawn:
                drawn = told, controls.help, controls.session.now
                self._draw(told)
            time.sleep(TICK)

    def close(self) -> None:
        if self.pygame.display.get_init():
            self.pygame.display.quit()

    def _open(self) -> Any:
        pygame, (height, width) = self.pygame, self.frame.shape[:2]
        scale = FRAME / max(height, width)
        size = (round(width * scale) + WIDTH, max(round(height * scale), self._needed()))
        try:
            pygame.display.init()
            pygame.font.init()
            if pygame.display.get_driver() in UNSEEN and not any(os.environ.get(name) for name in DRIVER_CHOICES):
                raise pygame.error("no display answers")  # SDL falls back to a window that nobody sees
            screen = pygame.display.set_mode(self._fitting(size), pygame.RESIZABLE)
        except pygame.error as error:
            raise UsageError(f"no window can be opened ({error}); --text plays on the terminal") from error
        pygame.display.set_caption(f"{self.controls.session.scribe.name} - envkit play")
        pygame.key.set_repeat(DELAY, INTERVAL)
        return screen

    def _needed(self) -> int:
        told = panel(self.controls)
        lines = len(told.facts) + len(told.keys) + len(told.controls) + 9
        return min(lines * LINE + 2 * MARGIN, FRAME)

    def _fitting(self, size: tuple[int, int]) -> tuple[int, int]:
        """At most nine tenths of the screen, and at least what can be read."""
        desktop = self.pygame.display.get_desktop_sizes()[0]
        width, height = (min(side, int(most * 0.9)) for side, most in zip(size, desktop, strict=True))
        return max(width, LEAST[0]), max(height, LEAST[1])

    def _hear(self) -> bool:
        """Passes keys on; whether the window has to be drawn anew."""
        pygame, controls, dirty = self.pygame, self.controls, False
        if pygame.display.get_surface() is not self.screen:  # the environment has opened one of its own, or closed all
            self.screen, dirty = self._open(), True
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                controls.quit = True
            elif event.type == pygame.KEYDOWN:
                key = self.names.get(event.key) or _name(pygame, event)
                if key:
                    self.names[event.key] = key
                    controls.press(key)
            elif event.type == pygame.KEYUP:
                controls.release(self.names.pop(event.key, ""))
            elif event.type == pygame.WINDOWFOCUSLOST:
                self.names.clear()
                controls.let_go()
            elif event.type in (pygame.VIDEORESIZE, pygame.VIDEOEXPOSE, pygame.WINDOWSIZECHANGED):
                self.screen, dirty = pygame.display.get_surface(), True
        return dirty

    def _draw(self, told: Panel) -> None:
        if self.shown is not self.controls.session.now:
            self.shown = self.controls.session.now
            self.frame = frame_of(self.controls.session.scribe)
        width, height = self.screen.get_size()
        self.screen.fill(palette.NIGHT)
        self._draw_frame(self.frame, max(width - WIDTH, 1), height)
        self.screen.fill(palette.PAPER, (width - WIDTH, 0, WIDTH, height))
        self._draw_panel(told, width - WIDTH + MARGIN, height)
        self.pygame.display.flip()

    def _draw_frame(self, frame: Frame, width: int, height: int) -> None:
        pygame, (rows, columns) = self.pygame, frame.shape[:2]
        scale = min(width / columns, height / rows)
        size = max(round(columns * scale), 1), max(round(rows * scale), 1)
        surface = pygame.image.frombuffer(frame.tobytes(), (columns, rows), "RGB")
        whole = scale >= 2  # pixels large enough to be seen stay square
        scaled = (pygame.transform.scale if whole else pygame.transform.smoothscale)(surface.convert(self.screen), size)
        self.screen.blit(scaled, ((width - size[0]) // 2, (height - size[1]) // 2))

    def _draw_panel(self, told: Panel, left: int, height: int) -> None:
        """The panel's parts from above; where it gets narrow, the lists of keys give way to the help page."""
        y = MARGIN
        y = self._line(told.title, left, y, LARGE, palette.INK) + 8
        y = self._rows(told.facts, left, y, 96, palette.SLATE, palette.INK, height)
        if told.state:
            y = self._wrapped(told.state, left, y + 6, palette.VERMILION)
        if told.note:
            y = self._wrapped(told.note, left, y + 6, palette.BLUE)
        y += 10
        parts = (told.keys, told.controls)
        for part in reversed(parts) if self.controls.help else parts:  # what was cut off below comes first
            y = self._rows(part, left, y, 124, palette.BLUE, palette.INK, height) + 10

    def _rows(
        self,
        rows: Sequence[tuple[str, str]],
        left: int,
        y: int,
        middle: int,
        first: Colour,
        second: Colour,
        height: int,
    ) -> int:
        for number, (name, text) in enumerate(rows):
            if y + 2 * LINE > height - MARGIN and number < len(rows) - 1:
                return self._line("… h shows the rest" if not self.controls.help else "…", left, y, SMALL, palette.GREY)
            self._line(name, left, y, SMALL, first, width=middle - 6)
            y = self._line(text, left + middle, y, SMALL, second, width=WIDTH - 2 * MARGIN - middle)
        return y

    def _wrapped(self, text: str, left: int, y: int, colour: Colour) -> int:
        font, line = self._font(SMALL), ""
        for word in text.split():
            if line and font.size(f"{line} {word}")[0] > WIDTH - 2 * MARGIN:
                y, line = self._line(line, left, y, SMALL, colour), ""
            line = f"{line} {word}".strip()
        return self._line(line, left, y, SMALL, colour)

    def _line(self, text: str, left: int, y: int, size: int, colour: Colour, *, width: int = WIDTH - 2 * MARGIN) -> int:
        """Draws a line, cut off where there is no more room; returns where the next one begins."""
        font = self._font(size)
        text = "".join(letter if letter.isprintable() else " " for letter in text)
        if font.size(text)[0] > width:
            while text and font.size(f"{text}…")[0] > width:
                text = text[:-1]
            text += "…"
        self.screen.blit(font.render(text, True, colour), (left, y))
        return y + round(LINE * size / SMALL)

    def _font(self, size: int) -> Any:
        if not self.pygame.font.get_init():  # somebody else has called pygame.quit()
            self.pygame.font.init()
        return self.pygame.font.Font(None, size)


def _pygame() -> Any:
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "hide")
    return need("pygame", extra="all", purpose="a window")


def _name(pygame: Any, event: Any) -> str:
    """What the key is called in a key map: by name, or by what it types on this keyboard."""
    named = {
        pygame.K_UP: "up", pygame.K_DOWN: "down", pygame.K_LEFT: "left", pygame.K_RIGHT: "right",
        pygame.K_SPACE: "space", pygame.K_RETURN: "enter", pygame.K_KP_ENTER: "enter", pygame.K_TAB: "tab",
        pygame.K_ESCAPE: "escape", pygame.K_BACKSPACE: "backspace",
    }  # fmt: skip
    typed = event.unicode.lower()
    return named.get(event.key) or (typed if len(typed) == 1 and typed.isprintable() else "")
