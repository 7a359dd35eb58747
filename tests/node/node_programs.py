"""What the nodes of these tests run; they leave their result as JSON."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import zmq


def save(out: str, what: Any) -> None:
    Path(out).write_text(json.dumps(what))


def send(node, out, count, size=0, pause=0.0):
    socket = node.socket("out")
    for number in range(count):
        socket.send(b"%d" % number + b" " * size)
        if pause:
            time.sleep(pause)


def collect(node, out, pause=0.0, stop_after=None):
    got = []
    for message in node.messages("in"):
        got.append(int(message))
        if pause:
            time.sleep(pause)
        if len(got) == stop_after:
            break
    save(out, got)


def ask(node, out, count):
    socket = node.socket("out")
    got = []
    for number in range(count):
        socket.send(b"%d" % number)
        got.append(int(socket.recv()))
    save(out, got)


def answer(node, out):
    got = []
    for message in node.messages("in"):
        got.append(int(message))
        node.socket("in").send(message)
    save(out, got)


def ask_all(node, out, count):
    socket = node.socket("out")
    for number in range(count):
        socket.send(b"%d" % number)
    save(out, [int(socket.recv()) for _ in range(count)])


def route(node, out):
    got = []
    for peer, message in node.multipart("in"):
        got.append(int(message))
        node.socket("in").send_multipart([peer, message])
    save(out, got)


def raw_loop(node, out):
    socket, got = node.socket("in"), []
    while True:
        try:
            got.append(int(socket.recv()))
        except zmq.Again:
            break
    save(out, got)
