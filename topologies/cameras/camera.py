"""A camera with a test picture: ``fps`` frames a second, as ``NAME NUMBER`` and a picture in the next line.

Its control answers ``sent`` with the number of frames so far, and ``end`` likewise; then it shows no more. Pictures
are grey, in the format PGM: https://netpbm.sourceforge.net/doc/pgm.html
"""

from __future__ import annotations

import random
import time

from orchestrator.node import Node

WIDTH, HEIGHT = 64, 48


def main(node: Node, *, name: str, url: str, fps: float, seconds: float) -> None:
    frames, control = node.socket("frames"), node.socket("control")
    picture = {"test:bars": bars, "test:noise": noise, "test:ramp": ramp}[url]
    started = time.monotonic()
    sent, ended = 0, False
    while not node.stopping and not ended and sent < seconds * fps:
        frames.send(b"%b %d\nP5 %d %d 255\n%b" % (name.encode(), sent, WIDTH, HEIGHT, picture(sent)))
        sent += 1
        while control.poll(int(max(0.0, started + sent / fps - time.monotonic()) * 1000)):
            ended = control.recv() == b"end"
            control.send(b"%d" % sent)
            if ended:
                break
    print(f"{sent} frames of {url}")


def bars(number: int) -> bytes:
    """Draw bars that move a point to the left with each frame."""
    return bytes((column + number) % 16 // 8 * 255 for column in range(WIDTH)) * HEIGHT


def ramp(number: int) -> bytes:
    """Draw a picture that gets brighter from frame to frame."""
    return bytes([number % 256]) * (WIDTH * HEIGHT)


def noise(number: int) -> bytes:
    """Draw the same noise for the same number."""
    return random.Random(number).randbytes(WIDTH * HEIGHT)
