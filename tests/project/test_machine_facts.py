from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from orchestrator.lint.core.facts import EnvFile, Facts
from orchestrator.plan.build import build
from orchestrator.project.machine_facts import Gathered
from orchestrator.project.module_finder import program
from orchestrator.topology.load import load


def facts(file: Path, text: str, *, root: str = "") -> Facts:
    program.cache_clear()
    file.write_text(text)
    topology = load([file], {}, {})
    return Gathered(topology, build(topology), root)


def test_commands_in_path_and_at_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run").touch(mode=0o755)
    (tmp_path / "plain").touch(mode=0o644)
    text = """
nodes:
  there: {command: "sh -c true"}
  gone: {command: [not-there-at-all]}
  path: {command: ./run}
  plain: {command: "./plain x"}
  below: {command: ./run, working_dir: /}
  own: {command: not-there-at-all, env: {PATH: /x}}
  file: {command: not-there-at-all, env_file: x.env}
  late: {command: "${process}-x", replicas: 2}
  python: {python: "a:b"}
"""
    assert facts(tmp_path / "a.topology.yaml", text).commands == {
        "there": True, "gone": False, "path": True, "plain": os.access(tmp_path / "plain", os.X_OK), "below": False,
    }  # fmt: skip


def test_programs_are_found_where_their_nodes_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/tmp")
    (tmp_path / "deploy").mkdir()
    (tmp_path / "src").mkdir()
    (tmp_path / "src/feed.py").write_text("def main(): ...")
    text = 'nodes: {feed: {python: "feed:main", working_dir: ../src}, bot: {python: "bot:main"}}\n'
    file = tmp_path / "deploy/a.topology.yaml"
    found = facts(file, text, root=str(tmp_path)).programs
    assert found["feed"].text == "def main(): ..."
    assert found["bot"].missing == "bot"
    monkeypatch.chdir(tmp_path / "deploy")
    assert set(facts(file, text).programs) == {"bot"}  # ../src is outside of what may be read
    monkeypatch.chdir(tmp_path)
    assert set(facts(file, text).programs) == {"feed", "bot"}


def test_modes_and_names_of_env_files(tmp_path: Path) -> None:
    (tmp_path / "a.env").write_text("A=secret\nEMPTY=\n")
    (tmp_path / "a.env").chmod(0o640)
    text = 'nodes: {a: {command: "true", env_file: [a.env, gone.env, /dev/zero]}}\n'
    assert facts(tmp_path / "a.topology.yaml", text).env_files == {str(tmp_path / "a.env"): EnvFile(0o640, ("A",))}


@pytest.mark.skipif(sys.platform != "linux", reason="these are Linux's")
def test_what_the_machine_says(tmp_path: Path) -> None:
    found = facts(tmp_path / "a.topology.yaml", 'nodes: {a: {command: "true"}}\n')
    low, high = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    assert found.ephemeral_ports == (low, high)
    assert found.first_free_port is not None
    assert found.open_files is None or found.open_files > 0


def test_facts_are_looked_up_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = facts(tmp_path / "a.topology.yaml", "nodes: {a: {command: made-later-on}}\n")
    (tmp_path / "made-later-on").touch(mode=0o755)
    assert found.commands == {"a": True}


def test_what_libzmq_says(tmp_path: Path) -> None:
    text = """
nodes:
  a: {command: "true", sockets: {x: PUSH}}
  b: {command: "true", sockets: {x: PULL}}
edges: {x: {bind: b.x, connect: a.x, endpoint: "tcp://127.0.0.1:5555"}}
"""
    import zmq

    found = facts(tmp_path / "a.topology.yaml", text)
    assert found.libzmq == tuple(zmq.zmq_version_info()[:3])
    assert found.has["curve"] is zmq.has("curve")
