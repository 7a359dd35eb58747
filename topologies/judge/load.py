"""Puts values into the store and gets them again. What it saw goes to the judge, who decides: it judges nothing."""

from __future__ import annotations

import json
import random
import time

import zmq

from orchestrator.node import Node


def main(node: Node, *, requests: int) -> None:
    store, results = node.socket("requests"), node.socket("results")
    chance = random.Random(node.index)  # the same requests in each run
    written: dict[str, str] = {}
    wrong: list[str] = []
    seconds: list[float] = []
    for number in range(requests):
        key = f"{node.process}/{chance.randrange(20)}"
        if key in written and chance.random() < 0.5:
            question, right = f"get {key}", written[key]
        else:
            written[key] = str(number)
            question, right = f"put {key} {number}", "ok"
        answer, took = ask(store, question)
        seconds.append(took)
        if answer != right:
            wrong.append(f"{question}: {answer}, not {right}")
    results.send(json.dumps({"from": node.process, "seconds": seconds, "wrong": wrong}).encode())


def ask(store: zmq.Socket[bytes], question: str) -> tuple[str, float]:
    asked = time.perf_counter()
    store.send(question.encode())
    return store.recv().decode(), time.perf_counter() - asked
