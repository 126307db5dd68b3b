"""A display of its own for a test: Xvfb, the keys that xdotool types into it, and what is to be seen on it."""

import ctypes
import ctypes.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

NAME = "envkit-under-test"  # by which its windows are found
SIZE = (1100, 760)
SETTLING = 0.5  # seconds: SDL believes in a new focus after 0.2, and lets go of all keys then
SLOW = 0.2  # of the time that a program took to start: where that was long, all else takes long too
PATIENCE = 30  # seconds for what should take one

missing = [name for name in ("Xvfb", "xdotool") if shutil.which(name) is None]
needs_screen = pytest.mark.skipif(bool(missing), reason=f"not on PATH: {', '.join(missing)}")


class Screen:
    """An X server without a screen.

    Args:
      folder: for its picture and what programs print.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        read, write = os.pipe()
        self.server = subprocess.Popen(
            [
                "Xvfb",
                "-displayfd",
                str(write),
                "-screen",
                "0",
                "{}x{}x24".format(*SIZE),
                "-fbdir",
                str(folder),
                "-noreset",
            ],
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as told:
            self.env = {key: value for key, value in os.environ.items() if not key.startswith("SDL_VIDEO")}
            self.env |= {"DISPLAY": f":{told.readline().strip()}", "SDL_VIDEO_X11_WMCLASS": NAME}
            self.env.pop("WAYLAND_DISPLAY", None)
        self.programs = []

    def start(self, *argv: str) -> subprocess.Popen:
        """`envkit ...`, its window in front; what it prints goes to a file."""
        command = [sys.executable, "-m", "envkit.cli.main", *argv]
        with (self.folder / "out.txt").open("w") as out:
            program = subprocess.Popen(command, env=self.env, stdout=out, stderr=subprocess.STDOUT, cwd=self.folder)
        self.programs.append(program)
        begun = time.monotonic()
        self.wait_for(self.is_found, program)
        self.wait_for(self.is_drawn, program)  # keys that come before it looks at any are lost
        self.wait_for(lambda: self.is_found() and self.is_focused(), program)  # it may have been made anew by now
        time.sleep(max(SETTLING, SLOW * (time.monotonic() - begun)))
        return program

    def is_found(self) -> bool:
        self.window = self.tool("search", "--class", NAME, check=False)
        return bool(self.window)

    def is_focused(self) -> bool:
        return not self._run("windowfocus", "--sync", self.window).returncode

    def is_drawn(self) -> bool:
        """Whether there is more to be seen than a single colour."""
        picture = self.picture()
        return bool((picture != picture[0, 0]).any())

    def tool(self, *argv: str, check: bool = True) -> str:
        """What xdotool prints. The server may not be ready for a window's size yet, and is asked again."""
        end = time.monotonic() + (PATIENCE / 4 if argv[0] == "windowsize" else 0)
        while True:
            done = self._run(*argv)
            if not done.returncode or not check:
                return done.stdout.strip()
            if time.monotonic() > end:
                raise AssertionError(f"xdotool {' '.join(argv)}: {done.stderr.strip()}")
            time.sleep(0.1)

    def _run(self, *argv: str) -> subprocess.CompletedProcess:
        return subprocess.run(["xdotool", *argv], env=self.env, capture_output=True, text=True, timeout=20)

    def press(self, *keys: str) -> None:
        """Down and up at once: a tool that is kept waiting in between holds the key, and it repeats."""
        for key in keys:
            self.tool("key", "--delay", "0", key)
            time.sleep(0.15)

    def press_close_button(self) -> None:
        """What a window manager sends when somebody clicks on it; xdotool has learnt that in later versions only."""
        x = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
        x.XOpenDisplay.restype = x.XInternAtom.restype = ctypes.c_ulong
        x.XOpenDisplay.argtypes = [ctypes.c_char_p]
        x.XInternAtom.argtypes = [ctypes.c_ulong, ctypes.c_char_p, ctypes.c_int]
        x.XSendEvent.argtypes = [ctypes.c_ulong, ctypes.c_ulong, ctypes.c_int, ctypes.c_long, ctypes.c_void_p]
        x.XCloseDisplay.argtypes = [ctypes.c_ulong]
        display = x.XOpenDisplay(self.env["DISPLAY"].encode())
        kinds = [x.XInternAtom(display, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW")]
        message = (ctypes.c_long * 24)(33, 0, 0, display, int(self.window), kinds[0], 32, kinds[1], 0)  # ClientMessage
        x.XSendEvent(display, int(self.window), 0, 0, ctypes.byref(message))
        x.XCloseDisplay(display)

    def end(self, program: subprocess.Popen) -> tuple[int, str]:
        """Its exit code and what it printed."""
        code = program.wait(PATIENCE)
        return code, (self.folder / "out.txt").read_text()

    def picture(self) -> np.ndarray:
        """uint8 [height, width, 3]: the screen as it is."""
        data = (self.folder / "Xvfb_screen0").read_bytes()
        head = np.frombuffer(data, ">u4", 25)  # of the X window dump: sizes, and where the pixels begin
        width, height, row, colours = int(head[4]), int(head[5]), int(head[12]), int(head[19])
        pixels = np.frombuffer(data, np.uint8, row * height, offset=int(head[0]) + 12 * colours)
        return pixels.reshape(height, row)[:, : 4 * width].reshape(height, width, 4)[:, :, 2::-1].copy()

    def wait_for(self, condition, program: subprocess.Popen):
        end = time.monotonic() + PATIENCE
        while not (found := condition()):
            if program.poll() is not None or time.monotonic() > end:
                raise AssertionError((self.folder / "out.txt").read_text() or "it did not happen in time")
            time.sleep(0.05)
        return found

    def close(self) -> None:
        for program in self.programs:
            if program.poll() is None:
                program.kill()
            program.wait()
        self.server.terminate()
        self.server.wait()
