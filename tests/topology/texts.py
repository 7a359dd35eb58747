"""Short ways to load a text, and to make documents that are mostly wrong."""

from __future__ import annotations

from hypothesis import strategies as st

from orchestrator.topology.diagnostics.diagnostic import Diagnostic
from orchestrator.topology.errors import InvalidTopologyError
from orchestrator.topology.load import load
from orchestrator.topology.model import Topology

NODE = "nodes:\n  a:\n    python: m:f\n"


def topology(text: str | bytes, **given: object) -> Topology:
    return load(["-"], given.pop("sets", {}), given.pop("environ", {}), name="mesh", stdin=text, **given)  # type: ignore[arg-type]


def problems(text: str | bytes, **given: object) -> list[Diagnostic]:
    try:
        topology(text, **given)
    except InvalidTopologyError as error:
        return error.problems or [Diagnostic("", 0, 0, "", "no problems in Problems")]
    return []


_KEYS = """
name nodes edges vars defaults logs python command external replicas args env working_dir interpreter stdin sockets kind
critical restart ready stop depends_on type subscribe sndhwm linger routing_id conflate bind connect transport endpoint
pairing policy delay max_attempts within notify grace drain signal node edge socket PUB a b a-b a_b x-y << each include
device files max_size version delivery hex
"""
_WORDS = """
a b a.s a.t a-1.s b.s PUB SUB PUSH PULL m:f 1 0 -1 1.10 0o17 true no null ~ 2s 10MB 5 on-failure never main job service
all same others tcp ipc tcp://*:1 ${a} ${b:-x} ${index} $${node} ${endpoint.s} ${env.HOME} ${ ready
"""
KEYS = st.sampled_from(_KEYS.split())
WORDS = st.sampled_from(_WORDS.split())
SCALARS = st.one_of(WORDS, st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates())
DATA = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.one_of(KEYS, WORDS), inner, max_size=5)),
    max_leaves=25,
)
NODES = st.dictionaries(
    st.sampled_from(["a", "b", "a-b", "a_b", "B"]),
    st.one_of(DATA, st.dictionaries(KEYS, DATA, max_size=6)),
    max_size=4,
)
TOPOLOGIES = st.fixed_dictionaries(
    {},
    optional={
        "name": DATA,
        "vars": st.one_of(DATA, st.dictionaries(WORDS, DATA, max_size=4)),
        "defaults": st.one_of(DATA, st.dictionaries(KEYS, st.dictionaries(KEYS, DATA, max_size=4), max_size=3)),
        "nodes": st.one_of(DATA, NODES),
        "edges": st.one_of(DATA, st.dictionaries(WORDS, st.dictionaries(KEYS, DATA, max_size=4), max_size=4)),
        "logs": DATA,
        "x-any": DATA,
        "services": DATA,
    },
)
