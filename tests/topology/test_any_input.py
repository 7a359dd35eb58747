"""Whatever a file holds: a topology, or problems that say where; never another exception, never a long wait."""

from __future__ import annotations

import contextlib
import gc
import random
import re
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.lint.codes import CODES
from orchestrator.topology.errors import InvalidTopologyError
from orchestrator.topology.load import load
from tests.topology.texts import TOPOLOGIES, problems

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(ROOT.glob("topologies/*/topology.yaml"))

FULL = b"""
name: full
version: 1
vars: {n: 3, cams: {left: {dev: /dev/v0}, right: {dev: /dev/v1}}, e: "${env.E:-x}"}
x-common: &common {restart: {policy: always, delay: 20ms}, env: {A: 1.10}}
defaults:
  node: {stop: {grace: 3s}, limits: {memory: 1GiB, nofile: 64, memlock: unlimited}}
  edge: {transport: tcp}
  socket: {linger: 1s, SUB: {rcvhwm: 9}}
templates:
  base: {python: "m:f", env_file: [a.env], sockets: {in: {type: SUB, subscribe: [a, {hex: ff}]}}}
  more: {extends: base, live: {interval: 3s}, <<: *common}
nodes:
  cam: {extends: more, each: "${cams}", args: {d: "${each.dev}", k: "${key}"}, cpu: {cores: [0, 1], nice: -5}}
  hub:
    command: [./hub, --in, "${endpoint.out}"]
    replicas: ${n}
    ready: {log: "^up [0-9]+$", within: 5s}
    depends_on: [job]
    profiles: debug
    sockets: {out: PUB, peer: ROUTER, next: DEALER}
  job: {command: echo, kind: job, start: auto, resources: {gpu: 1, labels: {a: b}}}
  ext: {external: true, sockets: {s: PULL}}
  src: {python: "m:g", sockets: {s: PUSH}}
edges:
  a: {bind: hub.out, connect: [cam-left.in, cam.in], pairing: all, transport: tcp}
  ring: {bind: hub.peer, connect: hub.next, pairing: {kind: tree, arity: 2}}
  out: {bind: ext.s, connect: src.s, endpoint: "tcp://127.0.0.1:5600"}
logs: {max_size: 1MB, files: 2}
lint: {ignore: Z103}
"""
"""A topology that uses the whole language."""
FEW = settings(suppress_health_check=list(HealthCheck))


def validate(text: str | bytes, **given: object) -> None:
    for problem in problems(text, **given):
        assert problem.code in CODES
        assert problem.message
        assert "\n" not in str(problem)
        assert problem.line >= 1 or problem.file == "--set" or "limit" in problem.message


@FEW
@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    validate(content)


@FEW
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    validate(text.encode(errors="surrogatepass"))


@FEW
@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@`#,?<~ \n\t${}.0", max_size=60))
def test_any_text_of_yaml(text: str) -> None:
    validate(text)


@FEW
@given(TOPOLOGIES, st.sampled_from([None, True, False]))
def test_any_data(data: object, flow: bool | None) -> None:
    validate(yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True))


@FEW
@given(TOPOLOGIES, st.dictionaries(st.sampled_from(["a", "b", "index", ""]), st.text(max_size=9), max_size=2))
def test_any_sets(data: object, sets: dict[str, str]) -> None:
    validate(yaml.safe_dump(data), sets=sets, environ={"HOME": "${a}"})


KEY = re.compile(rb"(?<![a-z_])[a-z_]+:")


def mutated(content: bytes, dice: random.Random) -> bytes:
    lines = content.split(b"\n")
    match dice.randrange(11):
        case 0:
            at = dice.randrange(len(content))
            return content[:at] + bytes([dice.randrange(256)]) + content[at + 1 :]
        case 1:
            return content[: dice.randrange(len(content))]
        case 2:
            dice.shuffle(lines)
        case 3:
            one, two = dice.randrange(len(lines)), dice.randrange(len(lines))
            lines[one], lines[two] = lines[two], lines[one]
        case 4:
            lines.insert(dice.randrange(len(lines)), b"  " * dice.randrange(6) + dice.choice(lines).strip())
        case 5:
            words = content.split(b" ")
            dice.shuffle(words)
            return b" ".join(words)
        case 6:
            keys = KEY.findall(content)
            one, two = dice.choice(keys or [b"a:"]), dice.choice(keys or [b"b:"])
            return content.replace(one, b"\0").replace(two, one).replace(b"\0", two)
        case 7:
            nested = dice.choice([b"[", b"{a: ", b"- ", b"? "]) * dice.choice([3, 99, 101, 5_000])
            lines.insert(dice.randrange(len(lines)), b"  x-deep: " + nested)
        case 8:
            long = dice.choice([b"x", b"9", b"${a}", b"\\", b"'", b"\xc3\xa9"]) * dice.choice([400, 100_000])
            lines.insert(dice.randrange(len(lines)), b"  x-long: " + long)
        case 9:
            bombs = [text.encode() for text in BOMBS.values() if len(text) < 4_000]
            return b"\n".join(dice.sample([content, dice.choice(bombs)], 2))
        case _:
            at = dice.randrange(len(content))
            return (
                content[:at]
                + dice.choice([b"[", b"{", b"&a ", b"*a", b"${", b"\t", b": ", b"- ", b"!!x "])
                + content[at:]
            )
    return b"\n".join(lines)


def test_the_whole_language_has_no_problem() -> None:
    assert problems(FULL) == []


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


CONTENTS = [FULL, *(path.read_bytes() for path in EXAMPLES)]


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize("number", range(len(CONTENTS)))
def test_mutants(number: int) -> None:
    dice = random.Random(4)
    for _ in range(200):
        validate(mutated(mutated(CONTENTS[number], dice) or b"x", dice))


FEWEST_BYTES = 1 << 20
"""Of the memory that PyYAML takes: it may stop in the first line of a file that is no YAML."""


def peak(work: Callable[[], object]) -> int:
    """Give the bytes that Python objects take at most while something runs."""
    tracemalloc.start()
    with contextlib.suppress(InvalidTopologyError, yaml.YAMLError, ValueError, RecursionError):
        work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


@pytest.mark.soak
@pytest.mark.usefixtures("nowhere")
@pytest.mark.timeout(7200)
def test_ten_thousand_mutants_take_neither_long_nor_much_memory() -> None:
    worst: list[tuple[float, float]] = []
    for number in range(10_000):
        dice = random.Random(number)
        content = mutated(mutated(CONTENTS[number % len(CONTENTS)], dice) or b"x", dice)
        start = time.process_time()
        validate(content)
        seconds = time.process_time() - start
        theirs = peak(lambda content=content: yaml.load(content, Loader=yaml.CSafeLoader))  # type: ignore[misc]
        ratio = peak(lambda content=content: problems(content)) / max(theirs, FEWEST_BYTES)  # type: ignore[misc]
        worst.append((ratio, seconds))
        assert ratio <= 5, (number, ratio)
        assert seconds <= 5, (number, seconds)
    print("largest memory", max(worst)[0], "longest", max(seconds for _, seconds in worst))


DEEP = 100_000
BOMBS = {
    "lists": "a: " + "[" * DEEP,
    "mappings": "a: " + "{a: " * DEEP,
    "block lists": "a:\n" + "- " * 10_000 + "x",
    "block mappings": "".join(" " * depth + "a:\n" for depth in range(500)),
    "aliases": "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)),
    "merges": "a0: &a0 {k0: x}\n"
    + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}], k{n}: *a{n - 1}}}\n" for n in range(1, 40)),
    "variables": "vars:\n  a0: [x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"  a{n}: [{', '.join([chr(34) + f'${{a{n - 1}}}' + chr(34)] * 9)}]\n" for n in range(1, 12))
    + "nodes: {a: {python: m:f, args: {x: '${a11}'}}}",
    "texts": f"vars:\n  a0: {'x' * 999}\n" + "".join(f"  a{n}: '{f'${{a{n - 1}}}' * 9}'\n" for n in range(1, 12)),
    "uses": "nodes: {a: {python: 'm:f', args: {x: '" + "${a}" * DEEP + "'}}}",
    "pattern": "nodes: {a: {python: 'm:f', ready: {log: '" + "(a)" * 30_000 + "'}}}",
    "nested pattern": "nodes: {a: {python: 'm:f', ready: {log: '" + "(a|" * 300 + ")" * 300 + "'}}}",
    "templates": "templates: {t: {python: 'm:f', args: {"
    + ", ".join(f"a{n}: {n}" for n in range(2_000))
    + "}}}\nnodes:\n"
    + "".join(f"  n{n}: {{extends: t}}\n" for n in range(2_000)),
    "template chain": "templates:\n"
    + "".join(f"  t{n}: {{extends: t{n + 1}}}\n" for n in range(2_000))
    + "nodes: {a: {extends: t0}}",
    "defaults": "version: ${a" + ":-${a" * 20_000,
    "closed defaults": "version: " + "${a:-" * 5_000 + "}" * 5_000,
    "chain": "vars:\n" + "".join(f"  a{n}: x${{a{n + 1}}}\n" for n in range(3_000)) + "  a3000: x\n",
    "duplicates": "a: 1\n" * 50_000,
    "long scalar": "nodes: " + "x" * 3_000_000,
    "long number": "version: " + "9" * 100_000,
    "long key": "k" * 1_000 + ": 1",
    "many replicas": "nodes: {a: {python: m:f, replicas: 10000000000}}",
}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.timeout(10)
def test_bombs(bomb: str) -> None:
    found = problems(BOMBS[bomb])
    assert found
    validate(BOMBS[bomb])
    assert all(len(str(problem)) < 600 for problem in found)


def test_the_collector_is_on_again_after_a_problem() -> None:
    assert gc.isenabled()
    problems("[")
    assert gc.isenabled()


def test_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.yaml", "\0"):
        with pytest.raises(InvalidTopologyError, match="cannot be read"):
            load([path])
