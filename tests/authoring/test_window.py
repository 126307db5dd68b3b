"""Windows: one an environment, each resized and closed by itself, on a display that nobody sees and on a real one."""

import gc
import time
import weakref

import numpy as np
import pytest

from envkit.authoring import screens
from envkit.authoring.canvas import Canvas
from envkit.authoring.palette import NIGHT
from envkit.authoring.window import MOST_KEPT, PATIENCE, Window

RED, BLUE = (200, 30, 30), (20, 60, 220)


@pytest.fixture
def pygame(monkeypatch):
    """pygame with a display in memory, which the windows of the test leave."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    import pygame

    gc.collect()
    pygame.display.quit()  # what other tests have left
    yield pygame
    pygame.display.quit()


def picture(colour=RED, width=300, height=200):
    canvas = Canvas(width, height)
    canvas.fill(colour)
    return canvas


def shown(window):
    """uint8 [height, width, 3]: what is on the window."""
    import pygame

    return pygame.surfarray.array3d(window._screen.window.get_surface()).swapaxes(0, 1)


def test_a_window_shows_the_canvas_pixel_by_pixel(pygame):
    canvas = picture()
    canvas.rect(10, 20, 30, 40, BLUE)
    window = Window("one", 30)
    window.show(canvas)
    np.testing.assert_array_equal(shown(window), canvas.frame)
    assert window._screen.window.title == "one"
    window.close()
    window.close()
    assert not pygame.display.get_init()


def test_windows_live_side_by_side_and_closing_one_ends_that_one_only(pygame):
    first, second = Window("first", 30), Window("second", 30)
    first.show(picture(RED))
    second.show(picture(BLUE))
    pygame.event.post(pygame.event.Event(pygame.WINDOWCLOSE, window=first._screen.window))
    second.show(picture(BLUE))  # whoever hears tells all
    assert (first.dismissed, second.dismissed) == (True, False)
    first.show(picture(RED))
    assert not first.is_open
    assert tuple(shown(second)[5, 5]) == BLUE
    second.close()
    assert not pygame.display.get_init()


def test_quitting_the_program_closes_all(pygame):
    windows = [Window("first", 30), Window("second", 30)]
    for window in windows:
        window.show(picture())
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    windows[0].show(picture())
    assert [window.dismissed for window in windows] == [True, True]
    assert not pygame.display.get_init()


def test_a_resized_window_keeps_the_proportions_and_is_redrawn_while_it_waits(pygame, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    window = Window("one", 1)
    window.show(picture(RED, 300, 200))
    window._screen.window.size = (700, 200)
    window.wait()
    window.wait()
    frame = shown(window)
    assert frame.shape == (200, 700, 3)
    assert {tuple(colour) for colour in frame[:, 200:500].reshape(-1, 3)} == {RED}
    assert {tuple(colour) for colour in frame[:, [199, 500]].reshape(-1, 3)} == {NIGHT}
    window._screen.window.size = (600, 900)
    window.show(picture(RED, 300, 200))
    frame = shown(window)
    assert {tuple(colour) for colour in frame[250:650].reshape(-1, 3)} == {RED}
    assert {tuple(colour) for colour in frame[[249, 650]].reshape(-1, 3)} == {NIGHT}
    window.close()


@pytest.mark.parametrize(
    ("size", "opened"),
    [((40, 24), (240, 144)), ((240, 10), (240, 10)), ((512, 512), (512, 512)), ((4096, 1024), (922, 230))],
    ids=["tiny", "just enough", "ordinary", "larger than the desktop"],
)
def test_a_new_window_has_a_size_to_look_at(pygame, size, opened):
    window = Window("one", 30)
    window.show(picture(RED, *size))
    assert window._screen.window.size == opened
    window.close()


def test_whole_enlargements_keep_pixels_sharp(pygame):
    canvas = picture(RED, 60, 40)
    canvas.rect(0, 0, 1, 1, BLUE)
    window = Window("one", 30)
    window.show(canvas)
    np.testing.assert_array_equal(shown(window), canvas.frame.repeat(4, axis=0).repeat(4, axis=1))
    window.close()


class DensePane:
    """A window on a display with more pixels than points, as pygame.Window shows one with allow_high_dpi."""

    def __init__(self, window, density):
        self.window, self.density = window, density
        self.surface = None

    def __getattr__(self, name):
        return getattr(self.window, name)

    def get_surface(self):
        import pygame

        width, height = self.window.size
        size = (round(width * self.density), round(height * self.density))
        if self.surface is None or self.surface.get_size() != size:
            self.surface = pygame.Surface(size)
        return self.surface

    def flip(self):
        pass


@pytest.mark.parametrize("density", [2, 1.5])
def test_on_a_display_of_high_density_every_pixel_is_drawn(pygame, density):
    canvas = picture(RED, 300, 200)
    canvas.rect(0, 0, 150, 200, BLUE)
    window = Window("one", 30)
    window.show(canvas)
    window._screen.window = DensePane(window._screen.window, density)
    window.show(canvas)
    frame = shown(window)
    assert window._screen.window.size == (300, 200)  # points: as large to the eye as elsewhere
    assert frame.shape == (200 * density, 300 * density, 3)
    if density == 2:
        np.testing.assert_array_equal(frame, canvas.frame.repeat(2, axis=0).repeat(2, axis=1))
    colours = {tuple(colour) for colour in np.delete(frame, slice(223, 227), axis=1).reshape(-1, 3)}
    assert colours == {RED, BLUE}  # but for where the two meet
    window.close()


def test_windows_are_asked_for_all_pixels_where_the_system_would_blur_them(pygame, monkeypatch):
    hints = screens.DENSITY_CHOICES
    asked = []
    for platform, given in (("linux", {}), ("win32", {}), ("win32", {hints[1]: "unaware"})):
        monkeypatch.setattr(screens.sys, "platform", platform)
        for hint in hints:
            monkeypatch.setenv(hint, given.get(hint, ""))
        screens._ask_for_all_pixels()
        asked.append(screens.os.environ.get(hints[0]))
    assert asked == ["", "1", ""]


def test_a_window_that_other_code_took_away_opens_again(pygame):
    window, other = Window("one", 30), Window("other", 30)
    for _ in range(3):
        window.show(picture())
        other.show(picture())
        pygame.quit()
        assert not window.is_open
        window.wait()
        window.show(picture(BLUE))
        other.show(picture(BLUE))
        assert tuple(shown(window)[0, 0]) == tuple(shown(other)[0, 0]) == BLUE
    pygame.quit()
    window.close()


def test_windows_that_were_taken_away_are_let_go_before_another_opens(pygame, monkeypatch):
    windows = [Window("one", 30), Window("other", 30)]
    for window in windows:
        window.show(picture())
    dead = [weakref.ref(window._screen) for window in windows]
    pygame.quit()
    held = []
    monkeypatch.setattr(
        "envkit.authoring.window.open_screen",
        lambda *args: (held.extend(screen() for screen in dead), screens.open_screen(*args))[1],
    )
    windows[0].show(picture())
    assert held == [None, None]  # pygame would destroy the new window in their place, where it has their address
    windows[0].close()


def test_a_window_beside_one_of_other_code_leaves_that_one_alone(pygame):
    others = pygame.display.set_mode((100, 80))
    window = Window("one", 30)
    window.show(picture())
    window.close()
    assert pygame.display.get_surface() is others


def test_a_window_that_nobody_holds_is_gone(pygame):
    window = Window("one", 30)
    window.show(picture())
    pane = window._screen.window
    del window
    gc.collect()
    other = Window("other", 30)
    other.show(picture())
    other.close()
    assert not pygame.display.get_init()
    del pane


def test_keys_stay_for_whoever_reads_them_and_never_pile_up(pygame):
    window = Window("one", 30)
    window.show(picture())
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_LEFT))
    pygame.event.post(pygame.event.Event(pygame.MOUSEMOTION, pos=(1, 1), rel=(0, 0), buttons=(0, 0, 0)))
    for _ in range(3):
        window.show(picture())
    assert [event.key for event in pygame.event.get(pygame.KEYDOWN)] == [pygame.K_LEFT]
    for number in range(2 * MOST_KEPT):
        pygame.event.post(pygame.event.Event(pygame.KEYUP, key=number))
    window.show(picture())
    assert [event.key for event in pygame.event.get()] == list(range(MOST_KEPT, 2 * MOST_KEPT))
    window.close()


def test_frames_are_due_at_an_even_pace(monkeypatch):
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    window = Window("one", 50)
    totals = []
    for _ in range(4):
        slept.clear()
        window.wait()
        totals.append(sum(slept))
        assert all(nap <= PATIENCE for nap in slept)
    assert totals == pytest.approx([0, 0.02, 0.04, 0.06])  # the clock stands still, so each frame is due later


def test_the_pace_is_that_of_the_metadata_on_a_real_clock():
    window = Window("one", 100)
    window.wait()
    begin = time.monotonic()
    for _ in range(20):
        window.wait()
    assert 0.19 <= time.monotonic() - begin < 1


def test_classic_pygame_has_one_window_for_all_and_says_so(pygame, monkeypatch):
    monkeypatch.delattr(pygame, "Window")
    screens._warn_shared.cache_clear()
    first, second = Window("first", 30), Window("second", 30)
    first.show(picture(RED))
    with pytest.warns(UserWarning, match="one window a process.* for a window each: .*pip install pygame-ce"):
        second.show(picture(BLUE))
    assert pygame.display.get_surface().get_at((5, 5))[:3] == BLUE
    first.show(picture(RED))
    assert pygame.display.get_surface().get_at((5, 5))[:3] == RED
    first.close()
    second.show(picture(BLUE))
    second.close()
    assert not pygame.display.get_init()


def test_no_display_is_refused_with_the_remedy(pygame, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "no such driver")
    with pytest.raises(screens.UsageError, match="needs a display, and none can be opened"):
        Window("one", 30).show(picture())
