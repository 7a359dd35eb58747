from __future__ import annotations

import os
from typing import Any

import pytest

from orchestrator.plan.addresses import resolve
from orchestrator.plan.wiring import environment_of, wiring_of
from tests.support.topologies import node, plan, problems

CAMERAS = {"left": {"dev": "/dev/video0", "rate": 30}, "right": {"dev": "/dev/video1", "rate": 60, "on": True}}


def camera(**body: Any) -> dict[str, Any]:
    return {"camera": {**node(frames="PUSH"), "each": CAMERAS, **body}}


def test_names_and_keys() -> None:
    made = plan(camera())
    assert [(p.name, p.key, p.index, p.count) for p in made.processes] == [
        ("camera-left", "left", 0, 2),
        ("camera-right", "right", 1, 2),
    ]
    assert wiring_of(made, "camera-right", 1, {}).key == "right"
    assert environment_of(made, "camera-right", {}, "w")["ORCHESTRATOR_KEY"] == "right"


def test_the_item_and_its_fields_keep_their_types() -> None:
    args = {"me": "${key}", "rate": "${each.rate}", "all": "${each}", "said": "${each.dev} at ${each.rate}"}
    process = plan(camera(args=args)).processes[0]
    assert process.args == {"me": "left", "rate": 30, "all": CAMERAS["left"], "said": "/dev/video0 at 30"}


def test_items_are_text_where_text_is_wanted() -> None:
    body = {
        "each": [1, "b"],
        "command": "./x ${each} --index ${index} of ${count}",
        "env": {"ITEM": "<${each}>"},
        "working_dir": "/run/${key}",
        "env_file": ["/etc/all.env", "/etc/${key}.env"],
        "sockets": {"x": {"type": "SUB", "subscribe": ["${each}."]}},
    }
    process = plan({"n": body}).processes[0]
    assert process.command == ("./x", "1", "--index", "0", "of", "2")
    assert (process.env, process.working_dir) == ({"ITEM": "<1>"}, "/run/1")
    assert process.env_files == ("/etc/all.env", "/etc/1.env")
    assert process.sockets[0].options == {"subscribe": ["1."]}
    assert plan({"n": {**node(), "each": [1, "b"], "args": {"x": "${each}"}}}).processes[0].args == {"x": 1}


def test_an_absolute_path_in_an_item_is_in_no_folder() -> None:
    items = {"l": {"dir": "/run/l"}, "r": {"dir": "run/r"}}
    body = {"each": items, "command": "./x", "working_dir": "${each.dir}", "env_file": ["${each.dir}/env", "a/${key}"]}
    left, right = plan({"n": body}).processes
    folder = right.working_dir.removesuffix("/run/r")
    assert (left.working_dir, left.env_files) == ("/run/l", ("/run/l/env", f"{folder}/a/l"))
    assert folder == os.getcwd()
    assert right.env_files == (f"{folder}/run/r/env", f"{folder}/a/r")


def test_variables_inside_items_and_escapes() -> None:
    items = {"a": {"url": "tcp://${node}-${index}-${key}", "raw": "$${index} $${endpoint.frames}"}}
    args = {"url": "${each.url}", "raw": "${each.raw}", "both": "<${each.raw}>", "not": "$${each.url}"}
    process = plan(camera(each=items, args=args, env={"E": "${each.raw}"})).processes[0]
    raw = "${index} ${endpoint.frames}"
    assert process.args == {"url": "tcp://camera-0-a", "raw": raw, "both": f"<{raw}>", "not": "${each.url}"}
    endpoints = resolve((), str, {})
    assert environment_of(plan(camera(each=items, env={"E": "${each.raw}"})), "camera-a", endpoints, "w")["E"] == raw


def test_items_in_the_endpoint_that_they_bind() -> None:
    nodes = {**camera(each={"a": {"port": 5000}, "b": {"port": 5001}}), "sink": node(frames="PULL")}
    edge = {"bind": "camera.frames", "connect": "sink.frames", "endpoint": "tcp://127.0.0.1:${each.port}"}
    assert [e.address for e in plan(nodes, {"e": edge}).endpoints] == ["tcp://127.0.0.1:5000", "tcp://127.0.0.1:5001"]
    edge["endpoint"] = "ipc:///run/x-${key}"
    assert [e.address for e in plan(nodes, {"e": edge}).endpoints] == ["ipc:///run/x-a", "ipc:///run/x-b"]
    edge["endpoint"] = "tcp://127.0.0.1:${each.prt}"
    (problem,) = problems(nodes, {"e": edge})
    assert "${each.prt} has no text for camera-a, which binds" in problem.message


def test_a_field_that_no_item_has() -> None:
    (problem,) = problems(camera(args={"a": {"b": ["${each.dve}"]}}))
    assert (problem.path, problem.message) == ("nodes.camera.args.a.b[0]", "no item of camera has a field dve")
    assert problem.suggestion == "did you mean dev?"
    (problem,) = problems(camera(each=["left", "right"], env={"X": "${each.dev}"}))
    assert "the items are no mappings" in problem.suggestion


def test_a_field_that_one_item_lacks_is_told_at_the_item() -> None:
    (problem,) = problems(camera(args={"on": "${each.on}"}))
    assert problem.path == "nodes.camera.each.left"
    assert problem.message == "the item left has no on, which nodes.camera.args.on uses"


@pytest.mark.parametrize("body", [{"env": {"A": "${each}"}}, {"args": {"a": "x${each}"}}, {"stdin": "${each}"}])
def test_a_mapping_is_no_text(body: dict[str, Any]) -> None:
    (problem,) = problems(camera(**body))
    assert problem.message == "${each} of the item left is a mapping, where text is wanted"


def test_options_are_checked_for_each_item() -> None:
    sockets = {"x": {"type": "PUSH", "sndhwm": "${each.rate}"}}
    assert [p.sockets[0].options for p in plan(camera(sockets=sockets)).processes] == [{"sndhwm": 30}, {"sndhwm": 60}]
    sockets["x"]["sndhwm"] = "${each.dev}"
    (problem,) = problems(camera(sockets=sockets))
    assert "/dev/video0 for camera-left" in problem.message


def test_names_clash() -> None:
    (problem,) = problems({**camera(), "camera-left": node()})
    assert "camera-left" in problem.message
