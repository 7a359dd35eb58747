from __future__ import annotations

import hashlib
import json
import os
import resource
import socket
import stat
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from .conftest import orchestrator
from .running import run

GOOD = """\
nodes:
  feed: {command: "true", sockets: {ticks: PUSH}}
  bot: {command: "true", sockets: {ticks: PULL}}
edges:
  ticks: {bind: bot.ticks, connect: feed.ticks}
"""
SLIP = GOOD.replace("connect: feed.ticks", "connect: feed.tikcs")
WARNS = GOOD.replace("connect: feed", "connect: feed").replace("{ticks: PUSH}", "{ticks: {type: PUSH, linger: -1}}")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ORCHESTRATOR_FILE", raising=False)
    return tmp_path


def write(name: str, text: str) -> Path:
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())
    return file


def codes(*arguments: str, stdin: str | None = None) -> list[tuple[str, str, int]]:
    """Give file, code and line of each finding that is no mere note."""
    done = run("validate", "--format", "json", *arguments, stdin=stdin)
    found = json.loads(done.out)["findings"]
    return [(each["file"], each["code"], each["line"]) for each in found if each["severity"] != "info"]


# ---- what is checked, and how it ends


def test_a_sound_file_ends_with_0_and_prints_nothing() -> None:
    write("a.yaml", GOOD)
    done = run("validate", "-q", "a.yaml")
    assert done == (0, "", "")
    assert run("validate", "a.yaml").err.startswith("1 file: ")


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif", "junit"])
def test_quiet_leaves_notes_out_of_every_format(form: str) -> None:
    loud = "sockets: {ticks: {type: PUSH, linger: -1}}}  # lint: ignore[Z405]"
    write("a.yaml", GOOD.replace("sockets: {ticks: PUSH}}", loud))
    assert "does not say why" in run("validate", "--format", form, "a.yaml").out
    assert "does not say why" not in run("validate", "--format", form, "-q", "a.yaml").out


def test_an_error_ends_with_1_and_shows_its_line() -> None:
    write("a.yaml", SLIP)
    done = run("validate", "a.yaml")
    assert done.status == 1
    assert done.out.splitlines()[:3] == [
        "a.yaml:5:37: error[Z102] edges.ticks.connect: feed has no socket 'tikcs'",
        "    5 |   ticks: {bind: bot.ticks, connect: feed.tikcs}",
        "      |                                     ^^^^^^^^^^",
    ]
    assert done.err == "1 file: 1 error; --fix mends 1\n"


def test_a_warning_ends_with_0_and_with_strict_with_1() -> None:
    write("a.yaml", WARNS)
    assert codes("a.yaml") == [("a.yaml", "Z405", 2)]
    assert run("validate", "a.yaml").status == 0
    assert run("validate", "--strict", "a.yaml").status == 1


def test_standard_input_is_a_file() -> None:
    assert codes("-", stdin="name: a\n" + SLIP) == [("-", codes("-", stdin="name: a\n" + SLIP)[0][1], 6)]
    assert run("validate", "-", stdin="name: a\n" + GOOD).status == 0


def test_folders_and_globs_however_deep_without_what_is_not_ours() -> None:
    for name in (
        "topology.yaml", "deep/er/a.topology.yaml", "deep/topology.yml", "other.yaml", ".git/topology.yaml",
        "deep/node_modules/topology.yaml", "deep/env/topology.yaml",
    ):  # fmt: skip
        write(name, SLIP)
    write("deep/env/pyvenv.cfg", "")
    assert [file for file, *_ in codes(".")] == ["deep/er/a.topology.yaml", "deep/topology.yml", "topology.yaml"]
    assert [file for file, *_ in codes("deep")] == ["deep/er/a.topology.yaml", "deep/topology.yml"]
    assert [file for file, *_ in codes("deep/**/*.topology.y?ml")] == ["deep/er/a.topology.yaml"]
    assert [file for file, *_ in codes("other.yaml", "./other.yaml")] == ["other.yaml"]


EX_CONFIG = {
    "pipe": "it is a pipe, no regular file; - is standard input",
    "zero": "it is a device, no regular file",
    "sparse": "it has 21,474,836,480 bytes; 67,108,864 is the limit",
    "loop": "Too many levels of symbolic links",
    "socket": "it is a Unix socket, no regular file",
}


@pytest.fixture
def unfit(here: Path) -> None:
    write("ok.yaml", GOOD)
    os.mkfifo("pipe")
    os.symlink("/dev/zero", "zero")
    os.symlink("loop", "loop")
    Path("sparse").touch()
    os.truncate("sparse", 20 * 1024**3)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")


@pytest.mark.usefixtures("unfit")
@pytest.mark.parametrize("named", [["{}"], ["-f", "{}"], ["ok.yaml", "{}"], ["-f", "ok.yaml", "-f", "{}"]])
@pytest.mark.parametrize("name", EX_CONFIG)
def test_what_is_no_regular_file_of_bounded_size_is_refused_at_once(name: str, named: list[str]) -> None:
    done = run("validate", *(each.format(name) for each in named))
    assert done == (2, "", f"{name}: cannot be read: {EX_CONFIG[name]}\n")


@pytest.mark.usefixtures("unfit")
@pytest.mark.parametrize("name", ["pipe", "zero", "sparse"])
def test_so_is_what_a_baseline_or_settings_are_read_from(name: str) -> None:
    done = run("validate", "ok.yaml", "--baseline", name)
    assert (done.status, done.err.count("\n")) == (2, 1)
    os.rename(name, "pyproject.toml")
    done = run("validate", "ok.yaml")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert run("validate", "--no-config", "ok.yaml").status == 0


@pytest.mark.usefixtures("unfit")
@pytest.mark.parametrize("name", ["pipe", "zero", "sparse"])
def test_up_and_plan_refuse_them_too(name: str) -> None:
    done = orchestrator("plan", f"./{name}")
    assert (done.returncode, done.stdout) == (2, "")
    assert EX_CONFIG[name].partition(";")[0] in done.stderr


def test_standard_input_without_end_is_refused() -> None:
    with open("/dev/zero", "rb") as endless:
        done = orchestrator("validate", "-", stdin=endless)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "standard input cannot be read: more than 67,108,864 bytes\n"


def test_links_are_not_followed_out_of_a_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "x.topology.yaml").write_text(SLIP)
    write("in/topology.yaml", SLIP)
    os.symlink(outside, "in/folder")
    os.symlink(outside / "x.topology.yaml", "in/link.topology.yaml")
    os.symlink("topology.yaml", "in/inside.topology.yaml")
    assert len(codes("in")) == 1
    assert [file for file, *_ in codes("in/link.topology.yaml")] == ["in/link.topology.yaml"]


def test_without_a_path_it_is_the_file_that_up_would_take(monkeypatch: pytest.MonkeyPatch) -> None:
    write("topology.yaml", SLIP)
    write("other.topology.yaml", SLIP)
    Path("deep").mkdir()
    monkeypatch.chdir("deep")
    assert [file for file, *_ in codes()] == ["../topology.yaml"]
    monkeypatch.setenv("ORCHESTRATOR_FILE", "../other.topology.yaml")
    assert [file for file, *_ in codes()] == ["../other.topology.yaml"]


def test_overlays_are_one_topology_and_a_part_is_told_once_with_its_own_name() -> None:
    write("base.yaml", GOOD)
    write("over.yaml", "nodes: {feed: {sockets: {ticks: {lingr: 0}}}}\n")
    assert codes("-f", "base.yaml", "-f", "over.yaml") == [("over.yaml", "Z401", 1)]
    write("part.yaml", "nodes: {feed: {command: 'true', sockets: {ticks: {type: PUSH, linger: -1}}}}\n")
    rest = GOOD.replace('  feed: {command: "true", sockets: {ticks: PUSH}}\n', "")
    for name in ("one.topology.yaml", "two.topology.yaml", "deep/three.topology.yaml", "deep/er/four.topology.yaml"):
        part = os.path.relpath("part.yaml", Path(name).parent)
        write(name, f"include: {part}\n{rest}")
    assert codes("--root", ".", ".") == [("part.yaml", "Z405", 1)]


def test_the_flags_of_up_mean_the_same() -> None:
    write("parts/feed.yaml", "nodes: {feed: {command: 'true', profiles: [night], sockets: {ticks: PUSH}}}\n")
    rest = GOOD.replace('  feed: {command: "true", sockets: {ticks: PUSH}}\n', "").replace('"true"', '"${program}"')
    write("deploy/a.yaml", f"include: ../parts/feed.yaml\nvars: {{program: not-there-at-all}}\n{rest}")
    assert [code for _, code, _ in codes("deploy/a.yaml")] == ["S007"]
    assert [code for _, code, _ in codes("--root", ".", "deploy/a.yaml")] == ["Z601"]
    found = codes("--root", ".", "--profile", "night", "--set", "program=true", "deploy/a.yaml")
    assert found == []
    assert run("validate", "--root", ".", "--profile", "day", "deploy/a.yaml").status == 1
    assert run("validate", "--root", ".", "--name", "No Name", "deploy/a.yaml").status == 1


def test_an_empty_folder_is_said() -> None:
    Path("empty").mkdir()
    assert run("validate", "empty")[::2] == (
        0,
        "no topology.yaml and no *.topology.yaml in empty\n0 files: nothing found\n",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gone.yaml"], "gone.yaml: cannot be read: No such file or directory"),
        (["gone"], "gone: cannot be read: No such file or directory"),
        (["a/*.yaml"], "a/*.yaml: no file fits"),
        (["a.yaml", "--select", "Q1"], "--select Q1: no such code; see orchestrator explain"),
        (["a.yaml", "--ignore", "Z101,Z10I"], "--ignore Z10I: no such code; did you mean Z"),
        (["a.yaml", "-f", "a.yaml"], "a.yaml: -f lays files over one another to one topology; name paths without it"),
        (["a.yaml", "--fix", "--diff"], "--fix and --diff exclude one another: --diff shows what --fix would change"),
        (["a.yaml", "--write-baseline"], "--write-baseline needs --baseline FILE"),
        (["a.yaml", "--baseline", "gone.json"], "gone.json: there is no such baseline; --write-baseline writes it"),
        (["a.yaml", "--baseline", "a.yaml"], "a.yaml: no baseline: Expecting value: line 1 column 1 (char 0)"),
        (["a.yaml", "--statistics", "--format", "sarif"], "--statistics: not with --format sarif; "),
        (["a.yaml", "--set", "x"], "--set x: expected NAME=VALUE"),
        ([], "no topology.yaml here or in a folder above; name a file, or set ORCHESTRATOR_FILE"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_and_status_2(arguments: list[str], said: str) -> None:
    write("a.yaml", GOOD)
    done = run("validate", *arguments)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(said)
    assert done.err.count("\n") == 1


def test_a_folder_that_cannot_be_read_is_a_mistake() -> None:
    write("in/deep/topology.yaml", GOOD)
    os.chmod("in/deep", 0)
    try:
        if os.access("in/deep", os.R_OK):
            pytest.skip("this user reads everything")
        assert run("validate", "in").status == 2
    finally:
        os.chmod("in/deep", 0o700)


def test_what_is_in_a_file_is_no_mistake() -> None:
    write("a.yaml", "\x00")
    write("b.yaml", "nodes: {a")
    assert run("validate", "a.yaml", "b.yaml").status == 1
    assert [code for _, code, _ in codes("a.yaml", "b.yaml")] == ["S001", "S002"]


# ---- which rules


def test_select_and_ignore() -> None:
    write("a.yaml", WARNS)
    assert codes("--select", "Z1", "a.yaml") == []
    assert codes("--select", "Z1,Z405", "a.yaml") == [("a.yaml", "Z405", 2)]
    assert codes("--ignore", "Z4", "a.yaml") == []


def test_what_keeps_a_file_from_being_understood_is_told_whatever_is_selected() -> None:
    write("a.yaml", SLIP)
    assert len(codes("--select", "Z6", "a.yaml")) == 1
    [(_, code, _)] = codes("a.yaml")
    assert codes("--ignore", code, "a.yaml") == []


def test_a_file_has_a_word_too() -> None:
    write("a.yaml", WARNS + "lint: {ignore: Z405}\n")
    assert codes("a.yaml") == []


def test_comments_silence_and_useless_ones_are_told() -> None:
    line = '  feed: {command: "true", sockets: {ticks: {type: PUSH, linger: -1}}}'
    assert line in WARNS
    write("a.yaml", WARNS.replace(line, f"{line}  # lint: ignore[Z405] it must not lose a thing"))
    assert codes("a.yaml") == []
    write("a.yaml", GOOD.replace("edges:", "edges:  # lint: ignore[Z405] it must not lose a thing"))
    assert codes("a.yaml") == [("a.yaml", "Z001", 4)]
    assert codes("--select", "Z1", "a.yaml") == []
    assert codes("--ignore", "Z001", "a.yaml") == []
    assert codes("--ignore", "Z405", "a.yaml") == []


def test_a_project_has_a_say() -> None:
    write("pyproject.toml", '[tool.orchestrator]\npaths = ["deploy"]\nignore = ["Z405"]\nstrict = true\n')
    write("deploy/a.topology.yaml", WARNS)
    write("deploy/b.topology.yaml", WARNS.replace("linger: -1", "linger: -1, sndhwm: 0"))
    assert run("validate").status == 0
    assert codes("--select", "Z4") == []
    write("pyproject.toml", '[tool.orchestrator]\npaths = ["deploy"]\nselect = ["Z1"]\n')
    assert codes() == []
    assert [code for _, code, _ in codes("--select", "Z405")] == ["Z405", "Z405"]
    write("pyproject.toml", '[tool.orchestrator]\npaths = ["deploy"]\nselect = ["Q1"]\n')
    assert run("validate") == (2, "", "pyproject.toml: select Q1: no such code; see orchestrator explain\n")


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is not in the tree, with a file whose slip can be mended."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "x.topology.yaml").write_text(SLIP)
    return folder


@pytest.mark.parametrize(
    "path",
    ["{outside}", "{outside}/*.yaml", "../*", "in/../../x", "*/../../*", "/*", "link/*.yaml", "link", "link/../*"],
)
def test_settings_name_nothing_outside_of_the_tree(path: str, outside: Path) -> None:
    write("in/topology.yaml", GOOD)
    os.symlink(outside, "link")
    path = path.format(outside=outside)
    write("pyproject.toml", f'[tool.orchestrator]\npaths = ["in", "{path}"]\n')
    for arguments in ([], ["--fix"], ["--diff"]):
        done = run("validate", *arguments)
        assert done == (
            2,
            "",
            f"pyproject.toml: tool.orchestrator.paths: {path} lies outside of the project; "
            "name it on the command line\n",
        )
    assert run("validate", "-q", "--no-config", "in") == (0, "", "")


def test_settings_reach_through_no_link_that_a_glob_meets(outside: Path) -> None:
    write("in/a.topology.yaml", SLIP)
    os.symlink(outside, "in/folder")
    os.symlink(outside / "x.topology.yaml", "in/x.topology.yaml")
    write("pyproject.toml", '[tool.orchestrator]\npaths = ["in/**/*.topology.yaml", "*/*/*.yaml", "in"]\n')
    assert [file for file, *_ in codes()] == ["in/a.topology.yaml"]
    write("pyproject.toml", '[tool.orchestrator]\npaths = ["in/x.topology.yaml"]\n')
    assert run("validate").status == 2


def test_a_glob_goes_round_in_no_circle() -> None:
    write("in/a.topology.yaml", SLIP)
    for name in ("one", "two", "three"):
        os.symlink(".", f"in/{name}")
        os.symlink("..", f"in/back-{name}")
    assert [file for file, *_ in codes("**/*.topology.yaml")] == ["in/a.topology.yaml"]
    assert [file for file, *_ in codes("in/**")] == ["in/a.topology.yaml"]


@pytest.mark.parametrize("link", ["in/x.topology.yaml", "x.topology.yaml", "folder/x.topology.yaml"])
@pytest.mark.parametrize("flag", ["--fix", "--diff"])
def test_nothing_is_mended_through_a_link_out_of_the_tree(flag: str, link: str, outside: Path) -> None:
    write("ok/a.topology.yaml", SLIP)
    Path("in").mkdir()
    os.symlink(outside, "folder")
    if not link.startswith("folder"):
        os.symlink(outside / "x.topology.yaml", link)
    assert run("validate", link).status == 1
    done = run("validate", flag, "ok/a.topology.yaml", link)
    real = outside / "x.topology.yaml"
    said = f"{link}: a link to {real}, outside of {Path.cwd()}, and nothing is changed through such a link\n"
    assert done == (2, "", said)
    assert real.read_text() == Path("ok/a.topology.yaml").read_text() == SLIP


def test_links_inside_the_tree_and_files_that_are_named_elsewhere_are_mended(outside: Path) -> None:
    write("ok/a.yaml", SLIP)
    os.symlink("ok/a.yaml", "link.yaml")
    assert run("validate", "--fix", "-q", "link.yaml").status == 0
    assert Path("link.yaml").is_symlink()
    assert Path("ok/a.yaml").read_text() == GOOD
    assert run("validate", "--fix", "-q", str(outside / "x.topology.yaml")).status == 0
    assert (outside / "x.topology.yaml").read_text() == GOOD


def test_a_baseline_is_written_through_no_link_out_of_the_tree(outside: Path) -> None:
    write("a.yaml", SLIP)
    os.symlink(outside / "x.topology.yaml", "old.json")
    assert run("validate", "a.yaml", "--baseline", "old.json", "--write-baseline").status == 2
    assert (outside / "x.topology.yaml").read_text() == SLIP


@pytest.mark.parametrize(
    "silenced",
    [
        ('[tool.orchestrator]\nignore = ["Z", "S"]\n', ""),
        ('[tool.orchestrator]\nselect = ["Z001"]\n', ""),
        ("", "lint: {ignore: [Z, S]}\n"),
        ("", "lint: {select: [Z405]}\n"),
        ("", "# lint"),
    ],
)
def test_without_config_only_flags_count(silenced: tuple[str, str]) -> None:
    settings, key = silenced
    text = GOOD.replace("PUSH", "SUB").replace("PULL", "PUSH")
    if key.startswith("#"):
        text = text.replace("connect: feed.ticks}", "connect: feed.ticks}  # lint: ignore[Z101] it works for me")
        key = ""
    write("a.yaml", text + key)
    write("pyproject.toml", settings)
    assert "Z101" not in [code for _, code, _ in codes("a.yaml")]
    assert "Z101" in [code for _, code, _ in codes("--no-config", "a.yaml")]
    assert codes("--no-config", "--ignore", "Z101,Z301,Z103", "a.yaml") == []


def test_without_config_nobody_turns_it_red_or_names_files() -> None:
    write("topology.yaml", GOOD)
    write("in/topology.yaml", SLIP)
    write("pyproject.toml", '[tool.orchestrator]\nstrict = true\nno = 1\npaths = ["in"]\n')
    assert run("validate").status == 2
    assert run("validate", "--no-config").status == 0


@pytest.mark.parametrize(
    ("nodes", "replicas", "sockets", "total"),
    [(200, 100_000, 2, "40,000,000"), (1, 100_000, 300, "30,000,000"), (11, 100_000, 0, "1,100,000")],
)
def test_more_sockets_than_can_be_planned_are_refused(nodes: int, replicas: int, sockets: int, total: str) -> None:
    body = {"python": "m:f", "replicas": replicas, "sockets": {f"s{number}": "PUB" for number in range(sockets)}}
    write("a.yaml", json.dumps({"nodes": {f"n{number}": body for number in range(nodes)}}, indent=1))
    limit = 1024**3
    for verb in ("validate", "plan"):
        done = orchestrator(verb, "a.yaml", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        assert done.returncode == (1 if verb == "validate" else 2)
        assert f"a.yaml:5:16: error[S003] nodes.n0.replicas: all processes together have {total} sockets" in (
            done.stdout + done.stderr
        )
    assert run("validate", "--format", "github", "a.yaml").out.count("\n") == 1


@pytest.mark.parametrize("key", ["args", "env"])
def test_more_text_than_can_be_planned_is_refused(key: str) -> None:
    body = {"python": "m:f", "replicas": 100_000, key: {"x": "${index}" + "y" * 20_000}}
    write("a.yaml", json.dumps({"nodes": {"n": body}}, indent=1))
    done = run("validate", "a.yaml")
    assert (done.status, "all processes together have 2,000,800,000 characters of their own" in done.out) == (1, True)
    write("a.yaml", json.dumps({"nodes": {"n": body | {"replicas": 3}}}))
    assert run("validate", "a.yaml").status == 0


# ---- baseline


def test_a_baseline_lets_old_findings_through() -> None:
    write("deploy/a.yaml", WARNS)
    assert run("validate", "deploy/a.yaml", "--baseline", "deploy/old.json", "--write-baseline").status == 0
    flags = ("--strict", "--baseline", "deploy/old.json", "deploy/a.yaml")
    assert run("validate", *flags).status == 0
    write("deploy/a.yaml", "\n\n" + WARNS)
    assert codes(*flags) == []
    assert "left out" in run("validate", *flags).err
    write("deploy/a.yaml", WARNS.replace("PULL}", "{type: PULL, linger: -1}}").replace("linger: -1", "lingr: -1", 1))
    assert run("validate", *flags).status == 1


def test_a_project_names_its_baseline_which_has_a_line_for_each_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    write("deploy/a.yaml", GOOD.replace("PUSH", "{type: PUSH, linger: -1}"))
    assert run("validate", "--strict", "deploy/a.yaml").status == 1
    write("pyproject.toml", '[tool.orchestrator]\nbaseline = "old.json"\n')
    assert run("validate", "deploy/a.yaml").err == "old.json: there is no such baseline; --write-baseline writes it\n"
    assert run("validate", "deploy/a.yaml", "--write-baseline").status == 0
    lines = [line for line in Path("old.json").read_text().splitlines() if '"code"' in line]
    assert len(lines) == len(json.loads(Path("old.json").read_text())["findings"]) > 0
    assert json.loads(lines[0].rstrip(","))["file"] == "deploy/a.yaml"
    monkeypatch.chdir("deploy")
    assert run("validate", "--strict", "a.yaml").status == 0
    assert run("validate", "--strict", "--no-config", "a.yaml").status == 1


def test_a_stale_entry_is_told_and_files_are_named_from_the_baseline(monkeypatch: pytest.MonkeyPatch) -> None:
    write("deploy/a.yaml", WARNS)
    run("validate", "deploy/a.yaml", "--baseline", "old.json", "--write-baseline")
    write("deploy/a.yaml", GOOD)
    monkeypatch.chdir("deploy")
    done = run("validate", "a.yaml", "--baseline", "../old.json")
    assert (
        "../old.json: stale, nobody finds it any more: deploy/a.yaml: nodes.feed.sockets.ticks.linger Z405" in done.err
    )
    assert run("validate", "--strict", "a.yaml", "--baseline", "../old.json").status == 0


def test_a_baseline_says_nothing_new_where_it_leaves_findings_out() -> None:
    write("a.yaml", WARNS)
    flags = ("a.yaml", "--baseline", "old.json")
    assert run("validate", *flags, "--write-baseline").status == 0
    assert run("validate", *flags).err.endswith("1 file: nothing new\n")
    write("a.yaml", "nodes: {a: {python: 'm:f', args: {x: 1}, sockets: {s: PUB}}}\n")
    write("old.json", '{"version": 1, "findings": []}')
    assert "nothing" not in run("validate", *flags).err


@pytest.mark.parametrize(("slip", "code"), [("\tx: 1", "S002"), ("wrods: 1", "S010"), ("version: 3", "S012")])
def test_a_baseline_never_covers_what_keeps_a_file_from_being_understood(slip: str, code: str) -> None:
    write("a.yaml", f"{WARNS}{slip}\n")
    flags = ("a.yaml", "--baseline", "old.json")
    written = run("validate", *flags, "--write-baseline")
    assert (written.status, "1 not: what keeps a file from being understood is never old" in written.err) == (0, True)
    assert code not in Path("old.json").read_text()
    assert run("validate", *flags).status == 1
    assert [each[1] for each in codes(*flags) if each[1][0] == "S"] == [code]
    entry = {"file": "a.yaml", "code": code, "path": "", "message": "", "count": 9}
    for each in json.loads(run("validate", "--format", "json", "a.yaml").out)["findings"]:
        digest = hashlib.sha256(each["message"].encode()).hexdigest()[:32]
        if each["code"] == code:
            entry |= {"path": each["path"], "message": digest}
    write("old.json", json.dumps({"version": 1, "findings": [entry]}))  # as one of before wrote it
    done = run("validate", *flags)
    assert (done.status, "stale" in done.err) == (1, False)


# ---- mending


def test_fix_changes_the_slips_alone_and_looks_again() -> None:
    text = "\ufeff# é 😀\r\n" + SLIP.replace("PUSH}", "PUSH}, stpo: {grace: 1s}").replace("\n", "\r\n").rstrip("\r\n")
    file = write("a.yaml", text)
    file.chmod(0o640)
    done = run("validate", "--fix", "a.yaml")
    assert (done.status, done.err.splitlines()[0]) == (0, "mended: 2")
    assert file.read_bytes().decode() == text.replace("stpo", "stop").replace("tikcs", "ticks")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert os.listdir() == ["a.yaml"]


def test_fix_mends_where_a_link_leads_and_keeps_the_link() -> None:
    write("real/a.yaml", SLIP)
    os.symlink("real/a.yaml", "link.yaml")
    assert run("validate", "--fix", "link.yaml").status == 0
    assert Path("link.yaml").is_symlink()
    assert Path("real/a.yaml").read_text() == GOOD


def test_what_has_two_answers_is_not_mended() -> None:
    file = write("a.yaml", SLIP.replace("{ticks: PUSH}", "{tick1: PUSH, tick2: PUSH}").replace("tikcs", "tick"))
    before = file.read_bytes()
    done = run("validate", "--fix", "a.yaml")
    assert done.status == 1
    assert "nothing to mend" in done.err
    assert file.read_bytes() == before


def test_diff_shows_it_and_changes_nothing() -> None:
    file = write(
        "a.yaml",
        SLIP.replace(
            'command: "true", sockets: {ticks: PUSH', 'command: "true", env: {KEY: s3cret}, sockets: {ticks: PUSH'
        ),
    )
    before = file.read_bytes()
    done = run("validate", "--diff", "a.yaml")
    assert done.status == 1
    assert (
        "-  ticks: {bind: bot.ticks, connect: feed.tikcs}\n+  ticks: {bind: bot.ticks, connect: feed.ticks}" in done.out
    )
    assert "s3cret" not in done.out
    assert file.read_bytes() == before


def test_an_edge_that_stands_twice_and_a_linger_without_end() -> None:
    file = write("a.yaml", WARNS + "  # again\n  again:\n    connect: feed.ticks\n    bind: bot.ticks\n")
    done = run("validate", "--fix", "a.yaml")
    assert (done.status, done.err.splitlines()[0]) == (0, "mended: 2")
    assert file.read_text() == WARNS.replace("linger: -1", "linger: 10s") + "  # again\n"


def test_a_comment_that_silences_nothing_goes() -> None:
    file = write("a.yaml", GOOD.replace("edges:", "edges:  # lint: ignore[Z405] it must not lose a thing"))
    run("validate", "--fix", "a.yaml")
    assert file.read_text() == GOOD


def test_standard_input_cannot_be_mended() -> None:
    assert run("validate", "--fix", "-", stdin=SLIP).status == 2
    assert "+  ticks:" in run("validate", "--diff", "--name", "a", "-", stdin=SLIP).out


# ---- formats


def test_each_format_is_what_it_says() -> None:
    write("a.yaml", SLIP)
    assert json.loads(run("validate", "--format", "json", "a.yaml").out)["version"] == 1
    assert run("validate", "--format", "github", "a.yaml").out.startswith("::error file=a.yaml,line=5,col=")
    sarif = json.loads(run("validate", "--format", "sarif", "a.yaml").out)
    assert sarif["runs"][0]["tool"]["driver"]["rules"][0]["help"]["text"]
    root = ElementTree.fromstring(run("validate", "--format", "junit", "a.yaml").out.encode())
    assert root.get("failures") == "1"
    assert {run("validate", "--format", form, "a.yaml").status for form in ("json", "github", "sarif", "junit")} == {1}


def test_statistics() -> None:
    write("a.yaml", SLIP)
    assert run("validate", "--statistics", "a.yaml").out.split()[::2][:1] == ["1"]
    assert json.loads(run("validate", "--statistics", "--format", "json", "a.yaml").out)["statistics"][0]["count"] == 1


SECRETS = """\
vars: {token: s3cret-vars, wrong: ${env.NOT_SET}}
nodes:
  feed: {python: "x y s3", lingr: 1, env: {KEY: s3cret-env, KEY: s3cret-env, PASSWORD: s3cret-env}}
  bot:
    command: ./bot
    stidn: 1
    args: {key: s3cret-args, PASSWORD: "s3cret-args"}
    stdin: |
      s3cret-stdin
    env_file: .env
    env: [s3cret-env]
  book: {command: "true", restart: s, args: s3cret-args, stdin: [s3cret-stdin], sockets: {a: "${token}"}}
edges:
  a: {bind: "${token}", connect: [bot.x]}
"""


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif", "junit"])
@pytest.mark.parametrize(
    "text",
    [
        SECRETS,
        SECRETS.replace(", wrong: ${env.NOT_SET}", "").replace("KEY: s3cret-env, ", ""),
        WARNS.replace("sockets", "env: {PASSWORD: s3cret-env}, args: {a: s3cret-args}, env_file: .env, sockets", 1),
        SECRETS + "  }\n",
        SECRETS.replace("s3cret-env]", "s3cret-env"),
    ],
)  # fmt: skip
def test_secrets_are_printed_in_no_format(text: str, form: str) -> None:
    write("a.topology.yaml", text)
    write(".env", "KEY=s3cret-file\nnonsense s3cret-file\n").chmod(0o644)
    for flags in ([], ["--diff"] if form == "text" else ["--strict"]):
        done = run("validate", *flags, "--format", form, "--set", "token2=s3cret-set", "a.topology.yaml")
        assert done.out or "--diff" in flags
        assert "s3cret" not in done.out + done.err


# ---- what it loads, what it takes


def test_offline_looks_at_nothing_but_the_files() -> None:
    write("a.yaml", GOOD.replace('command: "true"', "command: not-there-at-all", 1))
    assert codes("a.yaml") == [("a.yaml", "Z601", 2)]
    assert codes("--offline", "a.yaml") == []


def test_zmq_is_loaded_only_where_its_version_matters() -> None:
    write("a.yaml", GOOD)
    write("b.yaml", GOOD.replace("connect: feed.ticks}", 'connect: feed.ticks, endpoint: "tcp://localhost:5555"}'))
    for file, flags, loaded in (("a.yaml", [], False), ("b.yaml", [], True), ("b.yaml", ["--offline"], False)):
        script = (
            "import sys\nfrom orchestrator.cli.validate import validate\nimport orchestrator.cli.verbs as verbs\n"
            f"sys.argv[1:] = {['validate', file, *flags]!r}\n"
            "try: verbs.app('validate')()\nexcept SystemExit: pass\nprint('zmq' in sys.modules)"
        )
        root = Path(__file__).parents[2]
        said = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(root)}
        )
        assert said.stdout.split()[-1] == str(loaded), said.stderr


# ---- the same before a mesh runs

PUBLIC = GOOD.replace("connect: feed.ticks}", 'connect: feed.ticks, endpoint: "tcp://*:5555"}')


@pytest.mark.parametrize("verb", ["plan", "up"])
def test_an_error_is_refused_with_the_same_text(verb: str) -> None:
    write("a.yaml", PUBLIC)
    found = run("validate", "-q", "a.yaml").out
    assert "error[Z208]" in found
    assert run(verb, "a.yaml") == (2, "", f"{found}1 problem\n")


def test_an_error_in_standard_input_is_refused_with_its_line() -> None:
    done = run("plan", "--name", "a", "-", stdin=PUBLIC)
    assert done.status == 2
    assert "    5 |   ticks: {bind: bot.ticks" in done.err


@pytest.mark.parametrize("silence", ["file", "comment", "project"])
def test_what_is_silenced_is_not_refused(silence: str) -> None:
    text = {"file": PUBLIC + "lint: {ignore: Z208}\n", "comment": PUBLIC.rstrip() + "  # lint: ignore[Z208] a test\n"}
    write("a.yaml", text.get(silence, PUBLIC))
    if silence == "project":
        write("pyproject.toml", '[tool.orchestrator]\nignore = ["Z208"]\n')
    done = run("plan", "a.yaml")
    assert (done.status, done.err) == (0, "")


def test_plan_tells_errors_alone() -> None:
    write("a.yaml", WARNS)
    done = run("plan", "a.yaml")
    assert (done.status, done.err) == (0, "")


def test_up_tells_warnings_in_a_line_each(home: Path) -> None:
    write("a.yaml", WARNS.replace("nodes:", 'nodes:\n  gone: {command: "true", working_dir: gone}'))
    done = orchestrator("up", "a.yaml")  # its folder is missing, so nothing starts
    assert done.returncode == 2
    assert done.stderr.startswith("a.yaml:3:65: warning[Z405] nodes.feed.sockets.ticks.linger: ")
    assert "info[" not in done.stderr
    assert "warning[" not in orchestrator("up", "-q", "a.yaml").stderr
