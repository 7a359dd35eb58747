"""Whatever a file holds: a topology, or problems that say where; never another exception, never a long wait."""

from __future__ import annotations

import gc
import random
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.topology.load import load
from orchestrator.topology.problems import CODES, Problems
from tests.topology.texts import TOPOLOGIES, problems

EXAMPLES = sorted(Path(__file__).parents[2].glob("topologies/*/topology.yaml"))
FEW = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


def judge(text: str | bytes, **given: object) -> None:
    for problem in problems(text, **given):
        assert problem.code in CODES
        assert problem.message
        assert "\n" not in str(problem)
        assert problem.line >= 1 or problem.file == "--set" or "limit" in problem.message


@FEW
@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    judge(content)


@FEW
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    judge(text.encode(errors="surrogatepass"))


@FEW
@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@`#,?<~ \n\t${}.0", max_size=60))
def test_any_text_of_yaml(text: str) -> None:
    judge(text)


@settings(FEW, max_examples=200)
@given(TOPOLOGIES, st.sampled_from([None, True, False]))
def test_any_data(data: object, flow: bool | None) -> None:
    judge(yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True))


@FEW
@given(TOPOLOGIES, st.dictionaries(st.sampled_from(["a", "b", "index", ""]), st.text(max_size=9), max_size=2))
def test_any_sets(data: object, sets: dict[str, str]) -> None:
    judge(yaml.safe_dump(data), sets=sets, environ={"HOME": "${a}"})


def mutated(content: bytes, dice: random.Random) -> bytes:
    lines = content.split(b"\n")
    match dice.randrange(7):
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
        case _:
            at = dice.randrange(len(content))
            return (
                content[:at]
                + dice.choice([b"[", b"{", b"&a ", b"*a", b"${", b"\t", b": ", b"- ", b"!!x "])
                + content[at:]
            )
    return b"\n".join(lines)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_mutated_examples(path: Path) -> None:
    content, dice = path.read_bytes(), random.Random(4)
    for _ in range(300):
        judge(mutated(mutated(content, dice) or b"x", dice))


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
    judge(BOMBS[bomb])
    assert all(len(str(problem)) < 600 for problem in found)


def test_the_collector_is_on_again_after_a_problem() -> None:
    assert gc.isenabled()
    problems("[")
    assert gc.isenabled()


def test_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.yaml", "\0"):
        with pytest.raises(Problems, match="cannot be read"):
            load([path])
