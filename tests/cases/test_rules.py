"""What the linter says of programs that real people run, and of what reports are about."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.cases.conftest import Case

Cases = Callable[..., Case]


def found(case: Case, *files: str) -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = json.loads(case("validate", *files, "--format", "json").out)["findings"]
    return findings


def told(case: Case, *files: str) -> list[tuple[str, str, str]]:
    return [(each["severity"], each["code"], each["path"]) for each in found(case, *files)]


def test_a_command_line_for_a_shell_has_a_warning_of_its_own_with_the_mended_line(case: Cases) -> None:
    of = case("shell-words")
    names = ["folded", "literal", "loop", "pipe", "redirect", "var", "assign", "background", "cd"]
    assert told(of, "topology.yaml") == [("warning", "Z616", f"nodes.{name}.command") for name in names]
    shown = of("validate").out
    for line in (
        '[bash, -c, "echo 1 && echo 2"]',
        '[bash, -c, "echo 4\\necho 5"]',
        '[bash, -c, "while true; do date && sleep 1; done"]',
        '[bash, -c, "echo $HOME ${env.HOME} ~/x *.yaml"]',
        '[bash, -c, "cd / && ls"]',
    ):
        assert f"write `command: {line}`" in shown


def test_what_a_command_sends_before_its_peers_are_there_is_told(case: Cases) -> None:
    assert told(case("real"), "late-command.topology.yaml") == [("info", "Z319", "edges.e")]


def test_a_file_that_takes_subscribers_away_is_an_error_with_both_places(case: Cases) -> None:
    of = case("desk")
    files = ("-f", "topology.yaml", "-f", "watch-replaces-list.yaml")
    assert ("error", "Z124", "edges.ticks.connect") in told(of, *files)
    shown = of("validate", *files).out
    assert "watch-replaces-list.yaml:4:11: error[Z124]" in shown
    assert "this replaces what topology.yaml:37:38 says, and leaves momentum.ticks, reversion.ticks on no edge" in shown
    assert "an edge of its own, `NAME: {bind: feed.ticks, connect: watchdog.ticks}`" in shown
    assert of("up", "-d", *files).status == 2


def test_a_proxy_that_passes_subscriptions_on_is_told(case: Cases) -> None:
    of = case("transparent-proxy")
    assert ("info", "Z320", "edges.inp") in told(of, "x.topology.yaml")
    assert "Z320" not in {code for _, code, _ in told(of, "forwarder.topology.yaml")}


def test_options_that_a_command_must_set_itself_are_told(case: Cases) -> None:
    assert told(case("real"), "z306.topology.yaml") == [("info", "Z416", "nodes.c.sockets.a.rcvtimeo")]
