"""Which loops have no end, and which may have one."""

from __future__ import annotations

from textwrap import indent

import pytest

from orchestrator.lint.programs.loops import endless

LOOPS_WITHOUT_END = [
    "while True: s.send(b'x')",
    "while True:\n    s.send(b'x'); time.sleep(0.5)",
    "while True: time.sleep(1)",
    "while 1:\n    for x in range(3):\n        if x: break\n        s.send(b'x')",
    "while True:\n    try:\n        s.send(b'x')\n    except KeyboardInterrupt:\n        break",
    "for n in itertools.count():\n    s.send(b'%d' % n)",
    "while not False: step(s)",
    "try:\n    while True: print(s.send(b'x'))\nfinally:\n    s.close()",
]

LOOPS_THAT_MAY_END = [
    "while True:\n    s.send(b'x')\n    if s.recv() == b'': break",
    "while True:\n    s.send(b'x')\n    s.recv()",
    "while True:\n    if n > 3: return\n    n += 1",
    "while True:\n    s.send(next(lines))",
    "while True:\n    ask(s)",
    "while True:\n    raises(s)",
    "while True:\n    helper(s)",
    "while True:\n    dict(poller.poll())",
    "while n < 3: n += 1",
    "while alive: s.send(b'x')",
    "while True:\n    for x in []: pass\n    else: break",
    "for n in range(10): s.send(b'x')",
    "while True:\n    s.send(q.get())",
]

MODULE = """import itertools, time
from helpers import helper

def step(s):
    s.send(b"x")
    return 1

def ask(s):
    s.send(b"x")
    return s.recv()

def raises(s):
    raise SystemExit

def main(node{parameters}):
    s = node.socket("s")
{body}
"""


def module(body: str, parameters: str = "") -> str:
    return MODULE.format(body=indent(body, "    "), parameters=parameters)


@pytest.mark.parametrize("loop", LOOPS_WITHOUT_END)
def test_a_loop_without_end_is_found(loop: str) -> None:
    text = module(loop)
    line = endless(text, "main")
    assert line is not None
    assert text.splitlines()[line - 1].strip().startswith(("while", "for"))


@pytest.mark.parametrize("loop", LOOPS_THAT_MAY_END)
def test_a_loop_that_may_end_is_not(loop: str) -> None:
    assert endless(module(loop), "main") is None


@pytest.mark.parametrize(
    "asks",
    [
        "node.stopping.wait(0)",
        "getattr(node, 'stopping')",
        "helper(node)",
        "for m in node.messages('s'): pass",
        "signal.signal(15, lambda *_: None)",
    ],
)
def test_who_asks_anywhere_or_hands_the_node_on_is_not_found(asks: str) -> None:
    assert endless(module(f"{asks}\n{LOOPS_WITHOUT_END[0]}"), "main") is None
    assert endless(module(f"print()\n{LOOPS_WITHOUT_END[0]}"), "main") is not None


def test_it_is_found_in_what_is_called_and_not_in_a_thread() -> None:
    run = "\ndef run(node):\n    while True: time.sleep(1)\n"
    assert endless(module("run(node)") + run, "main") is not None
    assert endless(module("threading.Thread(target=run, args=(node,)).start()") + run, "main") is None


def test_coroutines_are_cancelled() -> None:
    text = module("while True: await asyncio.sleep(1)").replace("def main", "async def main")
    assert endless(text, "main") is None
