"""Asks the program at an address: one question from the command line, or each line of standard input.

    python ask.py tcp://127.0.0.1:5555 alive

An answer ``not yet`` is asked for again a little later.
"""

from __future__ import annotations

import sys
import time

import zmq

address, *questions = sys.argv[1:]
with zmq.Context() as context, context.socket(zmq.REQ) as socket:
    socket.linger, socket.rcvtimeo = 0, 5000
    socket.connect(address)
    for question in questions or sys.stdin.read().split():
        while True:
            socket.send_string(question)
            answer = socket.recv_string()
            if answer != "not yet":
                break
            time.sleep(0.02)
        print(f"{question}: {answer}")
