"""Two environments on a real X display: moved, resized, closed as with the button, and seen in screenshots."""

import ctypes
import ctypes.util
import os
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest

NEEDED = ("Xvfb", "xdotool", "import")
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not all(map(shutil.which, NEEDED)) or not ctypes.util.find_library("X11"),
    reason=f"a real window needs Linux with libX11, {', '.join(NEEDED)}",
)

PROGRAM = """
import sys, time
import numpy as np
from gymnasium import spaces
from envkit.authoring import DrawnEnv

class Field(DrawnEnv):
    metadata = {"render_modes": ["human"], "render_fps": 20}
    canvas_size = (200, 100)
    observation_space, action_space = spaces.Discrete(2), spaces.Discrete(2)

    def __init__(self, colour):
        super().__init__(render_mode="human")
        self.colour, self.steps = colour, 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.show()
        return 0, {}

    def step(self, action):
        self.steps += 1
        self.show()
        return 0, 0.0, False, False, {}

    def draw(self, canvas):
        canvas.fill(self.colour)

red, blue = Field((200, 30, 30)), Field((20, 60, 220))
for env in (red, blue):
    env.reset(seed=0)
print(*(env._window._screen.window.handle for env in (red, blue)), flush=True)
until = time.monotonic() + 60
while time.monotonic() < until and not blue._window.dismissed:
    for env in (red, blue):
        env.step(0)
    if red._window.dismissed and red.steps % 20 == 0:
        print("red is closed, after", red.steps, "steps", flush=True)
print("blue is closed, red has stepped on:", red.steps == blue.steps, flush=True)
for env in (red, blue):
    env.step(0)
    env.close()
    env.close()
"""


@pytest.fixture
def display():
    """The name of a new X display."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "900x600x24"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as answer:
        number = answer.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()


class Desktop:
    """What a person does with windows, and sees."""

    def __init__(self, display, folder):
        self.env = os.environ | {"DISPLAY": display}
        self.file = folder / "screen.png"

    def do(self, *args):
        subprocess.run(["xdotool", *map(str, args)], env=self.env, check=True)

    def screen(self):
        """uint8 [600, 900, 3]"""
        from PIL import Image

        subprocess.run(["import", "-window", "root", str(self.file)], env=self.env, check=True)
        return np.asarray(Image.open(self.file).convert("RGB"))

    def wait_for(self, colour, place):
        """Until the screen has that colour in a rectangle (left, top, right, bottom), to the pixel."""
        left, top, right, bottom = place
        until = time.monotonic() + 20
        while time.monotonic() < until:
            found = self.screen()[top:bottom, left:right]
            if (found == colour).all():
                return
            time.sleep(0.1)
        raise AssertionError(f"no {colour} at {place}, but {np.unique(found.reshape(-1, 3), axis=0)[:5].tolist()}")

    def press_close(self, window):
        """Sends what a window manager sends for the button."""
        subprocess.run([sys.executable, "-c", CLOSE, str(window)], env=self.env, check=True)


CLOSE = """
import ctypes, ctypes.util, sys
from ctypes import c_char_p, c_int, c_long, c_ulong, c_void_p

class Message(ctypes.Structure):  # XClientMessageEvent, padded to the size of an XEvent
    _fields_ = [("type", c_int), ("serial", c_ulong), ("send_event", c_int), ("display", c_void_p), ("window", c_ulong),
                ("message_type", c_ulong), ("format", c_int), ("data", c_long * 5), ("rest", c_long * 12)]

x = ctypes.CDLL(ctypes.util.find_library("X11"))
x.XOpenDisplay.restype, x.XInternAtom.restype = c_void_p, c_ulong
x.XInternAtom.argtypes = [c_void_p, c_char_p, c_int]
x.XSendEvent.argtypes = [c_void_p, c_ulong, c_int, c_long, c_void_p]
x.XCloseDisplay.argtypes = [c_void_p]
display, window = c_void_p(x.XOpenDisplay(None)), int(sys.argv[1])
message = Message(type=33, window=window, message_type=x.XInternAtom(display, b"WM_PROTOCOLS", 0), format=32)
message.data[0] = x.XInternAtom(display, b"WM_DELETE_WINDOW", 0)
x.XSendEvent(display, window, 0, 0, ctypes.byref(message))
x.XCloseDisplay(display)
"""

RED, BLUE, NIGHT, NOTHING = (200, 30, 30), (20, 60, 220), (20, 24, 32), (0, 0, 0)


def test_two_windows_are_resized_and_closed_each_by_itself(display, tmp_path):
    desktop = Desktop(display, tmp_path)
    hidden = ("SDL_VIDEODRIVER", "SDL_VIDEO_DRIVER", "WAYLAND_DISPLAY")
    surroundings = {name: value for name, value in desktop.env.items() if name not in hidden}
    program = subprocess.Popen([sys.executable, "-c", PROGRAM], env=surroundings, stdout=subprocess.PIPE, text=True)
    try:
        red, blue = program.stdout.readline().split()
        desktop.do("windowmove", red, 0, 0)
        desktop.do("windowmove", blue, 450, 300)
        desktop.wait_for(RED, (0, 0, 200, 100))
        desktop.wait_for(BLUE, (450, 300, 650, 400))
        desktop.do("windowsize", red, 400, 300)  # twice as large, with room above and below
        desktop.wait_for(RED, (0, 50, 400, 250))
        desktop.wait_for(NIGHT, (0, 0, 400, 50))
        desktop.wait_for(NIGHT, (0, 250, 400, 300))
        desktop.press_close(red)
        desktop.wait_for(NOTHING, (0, 0, 400, 300))
        desktop.wait_for(BLUE, (450, 300, 650, 400))
        assert program.stdout.readline().startswith("red is closed")
        desktop.press_close(blue)
        rest, _ = program.communicate(timeout=30)
        assert rest.splitlines()[-1] == "blue is closed, red has stepped on: True"
        assert program.returncode == 0
    finally:
        program.kill()
        program.wait()
