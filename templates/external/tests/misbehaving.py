"""A simulator that does what simulators do on bad days: `python misbehaving.py FAULT --port PORT`."""

import json
import os
import socket
import sys
import time

fault, port = sys.argv[1], int(sys.argv[3])
if fault == "ends at once":
    sys.exit("no licence found")
if fault == "starts slowly":
    print("loading the terrain", flush=True)
    time.sleep(0.7)
if fault == "never listens":
    time.sleep(60)
if fault == "lies":
    with socket.create_server(("127.0.0.1", 0)) as gone:
        nobodys = gone.getsockname()[1]
    print(f"listening on {nobodys}", flush=True)
    time.sleep(60)

server = socket.create_server(("127.0.0.1", port))
print(f"listening on {server.getsockname()[1]}", flush=True)
client, _ = server.accept()
lines = client.makefile("rb")
for number, _line in enumerate(lines):
    answer = json.dumps({"altitude": 40 + number, "velocity": 0, "heat": 1}).encode() + b"\n"
    if number == 3:  # in mid-episode: after a reset and two steps
        if fault == "dies":
            print("cannot allocate the wind", file=sys.stderr, flush=True)
            os._exit(7)
        if fault == "hangs":
            time.sleep(60)
        if fault == "hangs up":
            client.shutdown(socket.SHUT_RDWR)
            time.sleep(60)
        if fault == "drips":
            for byte in answer:
                time.sleep(0.2)
                client.sendall(bytes([byte]))
        answer = {
            "no json": b"<html>502</html>\n",
            "no object": b"[1, 2, 3]\n",
            "too little": b'{"altitude": 40, "velocity": 0}\n',
            "not a number": b'{"altitude": NaN, "velocity": 0, "heat": 1}\n',
            "no text": bytes(range(128, 160)) + b"\n",
            "no end": b"x" * 200_000,
        }.get(fault, answer)
    client.sendall(answer)
    if fault == "chatters":
        print("tick " * 200, flush=True)
