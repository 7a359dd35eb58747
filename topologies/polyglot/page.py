"""A web page on a STREAM socket: whoever opens it sees what the tally has. A script, started as any command is."""

from __future__ import annotations

import os
from contextlib import suppress
from string import Template

import zmq

from orchestrator.node import Node

with Node.from_environment() as node:
    http, questions = node.socket("http"), node.socket("questions")
    for browser, data in node.multipart("http"):
        if not data:
            continue  # libzmq's word for: somebody has connected, or gone
        questions.send(b"state")
        text = Template(os.environ["PAGE"]).substitute(state=questions.recv_string()).encode() + b"\n"
        head = f"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(text)}\r\n\r\n".encode()
        # A browser may be gone by now, and a STREAM would wait for it for ever.
        with suppress(zmq.ZMQError):
            http.send_multipart((browser, head + text), zmq.DONTWAIT)
            http.send_multipart((browser, b""), zmq.DONTWAIT)  # hangs up
