"""A small simulator of a hot-air balloon: a program of its own, which needs nothing but Python.

    python simulator.py --port 5000

It says `listening on 5000` (with `--port 0`, the port that was free), serves one client, and ends with it. A request
and its answer are a line of JSON each:

    {"do": "reset", "seed": 7}      begins anew
    {"do": "step", "burner": 1}     half a second passes, the burner off (0) or on (1)
    -> {"altitude": 31.5, "velocity": 0.8, "heat": 1.1}

It also ends when its standard input does, as it does when whoever started it is gone, however that came about.
"""

import argparse
import json
import os
import random
import socket
import sys
import threading

SECONDS = 0.5  # a step
CEILING = 100.0  # metres
WARMING, COOLING = 0.5, 0.35  # of the air in the envelope: by the burner; of what is there, each second
LIFT, DRAG = 2.0, 0.4  # metres a second squared for each unit of heat; each second for each metre a second
GUST = 0.5  # metres a second squared: the standard deviation of the wind's pull


class Balloon:
    """The physics. All chance comes from one generator, so a seed says it all."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.altitude = self.random.uniform(30, 70)
        self.velocity = 0.0
        self.heat = 0.7  # of which 0.7 just carries the balloon

    def step(self, burner: float) -> None:
        self.heat += (WARMING * burner - COOLING * self.heat) * SECONDS
        pull = LIFT * (self.heat - 0.7) - DRAG * self.velocity + self.random.gauss(0, GUST)
        self.velocity += pull * SECONDS
        self.altitude += self.velocity * SECONDS
        if not 0 < self.altitude < CEILING:
            self.altitude, self.velocity = min(max(self.altitude, 0.0), CEILING), 0.0

    def reading(self) -> dict[str, float]:
        return {"altitude": self.altitude, "velocity": self.velocity, "heat": self.heat}


def serve(port: int) -> None:
    """Listens, says so, and answers one client until it hangs up."""
    with socket.create_server(("127.0.0.1", port)) as server:
        print(f"listening on {server.getsockname()[1]}", flush=True)
        client, _ = server.accept()
    with client, client.makefile("rw", encoding="utf-8", newline="\n") as lines:
        balloon = Balloon(0)
        for line in lines:
            request = json.loads(line)
            if request["do"] == "reset":
                balloon = Balloon(request["seed"])
            else:
                balloon.step(request["burner"])
            lines.write(json.dumps(balloon.reading()) + "\n")
            lines.flush()


def end_with_the_input() -> None:
    """Nothing ever comes from there; its end means that nobody is left who could need the simulator."""
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A hot-air balloon behind a socket.")
    parser.add_argument("--port", type=int, default=0, help="to listen on; 0 for any that is free")
    port = parser.parse_args().port
    threading.Thread(target=end_with_the_input, daemon=True).start()
    try:
        serve(port)
    except OSError as error:
        sys.exit(f"cannot listen on port {port}: {os.strerror(error.errno)}")
