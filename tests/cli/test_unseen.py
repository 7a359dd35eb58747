"""What the environment holds is in nothing that ``validate`` prints, wherever a file uses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from orchestrator.lint.codes import CODES
from orchestrator.lint.core import baseline
from orchestrator.project.examine import Wanted, examine
from orchestrator.report import github, junit, problems, sarif
from orchestrator.report import json as as_json
from orchestrator.report.result import CheckResult

from .running import run

FORMATS = ("text", "json", "github", "sarif", "junit")

WHOLE: dict[str, Any] = {
    "name": "mesh",
    "version": 1,
    "vars": {"n": "${env.SECRET}", "deep": {"list": ["x-${n}", "${n}"]}, "twice": "${n}${n}"},
    "logs": {"max_size": "10MiB", "files": 3},
    "lint": {"ignore": ["Z118"], "select": ["Z", "S"]},
    "defaults": {
        "node": {"restart": {"policy": "always", "delay": "1s"}, "profiles": []},
        "edge": {"transport": "tcp", "security": "none"},
        "socket": {"linger": "1s", "PUB": {"sndhwm": 7}},
    },
    "templates": {"base": {"python": "base:main", "depends_on": ["feed"]}},
    "nodes": {
        "feed": {
            "python": "feed:main",
            "args": {"rate": 1},
            "env": {"WHO": "x"},
            "env_file": ["some.env"],
            "working_dir": "there",
            "stdin": "text",
            "kind": "service",
            "critical": True,
            "start": "auto",
            "replicas": 2,
            "ready": {"http": "http://127.0.0.1:8080/", "within": "9s"},
            "live": {"command": ["true", "x"], "interval": "3s"},
            "stop": {"signal": "TERM", "grace": "80s"},
            "limits": {"memory": "1GiB", "nofile": 100},
            "cpu": {"cores": [0], "nice": 3},
            "resources": {"host": "here", "labels": {"a": "b"}},
            "sockets": {"ticks": {"type": "PUB", "routing_id": "feed"}, "status": "PUSH"},
        },
        "bot": {
            "extends": "base",
            "each": ["left", "right"],
            "restart": "on-failure",
            "ready": {"log": "up and .*"},
            "sockets": {"ticks": {"type": "SUB", "subscribe": ["AAPL ", "AAPL"]}, "status": "PULL"},
        },
        "asker": {
            "command": "./ask --to x",
            "speaks": ["retry"],
            "depends_on": {"feed": "ready"},
            "profiles": ["night"],
            "sockets": {"ask": {"type": "REQ", "rcvtimeo": "2s"}},
        },
        "far": {"external": True, "public_key": "key.pub", "sockets": {"answer": "REP"}},
    },
    "edges": {
        "ticks": {"bind": "feed.ticks", "connect": ["bot.ticks"], "pairing": {"kind": "tree", "arity": 2}},
        "status": {"bind": "bot-left.status", "connect": "feed.status", "endpoint": "tcp://127.0.0.1:5600-5601"},
        "ask": {
            "bind": "far.answer",
            "connect": "asker.ask",
            "endpoint": "tcp://10.0.0.1:9000",
            "delivery": {"kind": "retry", "timeout": "3s", "attempts": 4},
        },
    },
}
"""A topology that says something in nearly every place where a value can stand."""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(item, (*path, key))
    if path and path[0] != "vars":
        yield path


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    items = value.items() if isinstance(value, dict) else enumerate(value)
    changed = {key: put(item, path[1:], new) if key == path[0] else item for key, item in items}
    return changed if isinstance(value, dict) else list(changed.values())


PLACES = sorted(places(WHOLE), key=str)
USES = (
    "${env.SECRET}", "${n}", "a.${n}", "${n}.x", "feed.${n}", "x ${env.SECRET} y", "tcp://${n}", "tcp://${n}:5000",
    "tcp://127.0.0.1:${n}", "m:${n}", "${n}:main", "${twice}", "${deep}", "${env.NONE:-${n}}", "${env.NONE:?no ${n}}",
    "${n}-${index}", "ipc://${n}", "http://${n}/", "[${n}", "/${n}", "./${n} --x", "${env.SECRET:-x}", "'${n}",
)  # fmt: skip
SECRETS = st.one_of(
    st.from_regex(r"q[a-z0-9]{7,16}", fullmatch=True),
    st.from_regex(r"Q[A-Za-z0-9]{7,90}", fullmatch=True),
    st.from_regex(r"[1-9][0-9]{11}", fullmatch=True),
    st.from_regex(r"q[a-z]{6} [a-z]{3}q[0-9]{4}", fullmatch=True),
    st.from_regex(r"q[a-z\\\"'!/.:@-]{9,12}q", fullmatch=True),
    st.text(st.characters(min_codepoint=0x400, max_codepoint=0x44F), min_size=6, max_size=9),
)


@st.composite
def topologies(draw: st.DrawFn) -> str:
    whole = WHOLE
    for path in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=4)):
        try:
            whole = put(whole, path, draw(st.sampled_from(USES)))
        except (AttributeError, TypeError):
            continue  # a place inside of one that was replaced
    return json.dumps(whole, indent=1)


def printed(file: str, offline: bool) -> str:
    """Give all that is printed of a file, in every format."""
    found = examine([[file]], Wanted(offline=offline))
    checked = CheckResult((file,), tuple(found.findings), CODES)
    texts = [
        "\n".join(problems.findings(found.findings, lambda file: found.texts.get(file, ""))),
        as_json.render(checked),
        github.render(checked),
        sarif.render(checked, "1", "/"),
        junit.render(checked),
        baseline.dump(found.findings),
    ]
    return "\n".join(texts)


@settings(suppress_health_check=list(HealthCheck))
@given(text=topologies(), secret=SECRETS, offline=st.booleans())
@example(text=json.dumps(put(WHOLE, ("name",), "${n}")), secret="S3CR3Tq", offline=True)
def test_no_secret_is_printed(text: str, secret: str, offline: bool, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("unseen")
    file = folder / "topology.yaml"
    file.write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET", secret)
        patch.delenv("NONE", raising=False)
        patch.chdir(folder)
        shown = printed("topology.yaml", offline)
    for form in {secret, secret.lower(), secret[:37], json.dumps(secret)[1:-1], repr(secret)[1:-1]}:
        assert form not in shown
        assert form.lower() not in shown.lower()


ENVNAME = """\
name: "${env.SECRET}"
vars: {n: "${env.SECRET}"}
nodes: {a: {python: "m:${n}", working_dir: "${n}", replicas: "${n}", sockets: {"x": "${n}"}}, b: {command: "true", depends_on: ["${n}"]}}
edges: {e: {bind: "${n}", connect: "a.${n}", endpoint: "tcp://${n}"}}
"""  # noqa: E501


@pytest.fixture
def envname(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("envname.topology.yaml").write_text(ENVNAME)
    return "envname.topology.yaml"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("secret", ["s3cr3t", "S3CR3T.Token", "correct horse", "q" * 200])
def test_names_by_variable_in_every_format(
    secret: str, form: str, envname: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", secret)
    done = run("validate", "--format", form, envname)
    assert done.status == 1
    assert secret.lower() not in (done.out + done.err).lower()
    assert secret[:37].lower() not in (done.out + done.err).lower()
    assert "there is no node ***" in done.out


def test_without_the_second_look_they_are_printed(envname: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "s3cr3t")
    monkeypatch.setattr("orchestrator.report.unseen.without", lambda found, *others: found)
    assert "there is no node s3cr3t" in run("validate", envname).out


@pytest.mark.parametrize("secret", ["x", "e", "q", "7", "!", "no", "node", "is"])
def test_a_short_value_is_hidden_where_it_is_used_and_nowhere_else(
    secret: str, envname: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", secret)
    done = run("validate", envname)
    assert "error[Z205] edges.e.endpoint: *** has no port; expected tcp://HOST:PORT" in done.out
    assert secret == "7" or "there is no node ***" in done.out
    assert "error[S012] nodes.a.sockets.x" in done.out
    assert "'${n}'" in done.out
    assert f"tcp://{secret}" not in done.out


def test_findings_that_have_nothing_of_it_are_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = """
nodes:
  feed: {python: "feed:main", replicas: "${env.N}", sockets: {ticks: PUB}}
  bot: {python: "bot:main", kind: "${env.KIND}", sockets: {ticks: PUSH}}
edges:
  ticks: {bind: feed.ticks, connect: bot.ticks, transport: "${env.TRANSPORT}"}
"""
    Path("topology.yaml").write_text(text)
    values = {"N": "3", "KIND": "job", "TRANSPORT": "ipc"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
        text = text.replace(f'"${{env.{name}}}"', value)
    Path("plain.yaml").write_text(text)
    told, plain = (
        [
            (each["code"], each["message"])
            for each in json.loads(run("validate", "--format", "json", file).out)["findings"]
        ]
        for file in ("topology.yaml", "plain.yaml")
    )
    assert "PUSH cannot talk to PUB" in [message for _, message in told]
    assert told == plain


@pytest.mark.parametrize(("port", "code"), [("40000", "Z207"), ("32768", "Z207")])
def test_a_number_is_hidden_too(port: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", port)
    Path("topology.yaml").write_text("""
nodes:
  feed: {command: "true", sockets: {ticks: PUB}}
  bot: {command: "true", sockets: {ticks: {type: SUB, subscribe: ""}}}
edges:
  ticks: {bind: feed.ticks, connect: bot.ticks, endpoint: "tcp://127.0.0.1:${env.PORT}"}
""")
    done = run("validate", "topology.yaml")
    assert code in done.out
    assert f"port {port}" not in done.out


def test_what_is_not_set_is_a_text_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OTHER", raising=False)
    Path("topology.yaml").write_text('nodes: {a: {command: "true", depends_on: "${env.OTHER:-nobody}"}}\n')
    assert "there is no node nobody" in run("validate", "topology.yaml").out
