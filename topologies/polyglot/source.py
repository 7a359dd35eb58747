"""Sends the numbers from 1 on, in turn to each address: a program that knows pyzmq and nothing of a mesh.

python source.py 1000 --to tcp://127.0.0.1:5555,tcp://127.0.0.1:5556
"""

from __future__ import annotations

import argparse

import zmq

arguments = argparse.ArgumentParser()
arguments.add_argument("numbers", type=int)
arguments.add_argument("--to", required=True)
given = arguments.parse_args()

with zmq.Context() as context, context.socket(zmq.PUSH) as out:
    for address in given.to.split(","):
        out.connect(address)
    for number in range(1, given.numbers + 1):
        out.send(b"%d" % number)
print(f"sent {given.numbers} numbers to {len(given.to.split(','))} addresses")
