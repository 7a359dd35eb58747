"""What only a shell understands in a command line, and what any program does."""

from __future__ import annotations

import pytest

from orchestrator.lint.rules.z6_processes.shell_words import shell_syntax

FOR_A_SHELL = {
    "a && b": "`&&`",
    "a || b": "`||`",
    "a | b": "`|`",
    "a; b": "`a;`",
    "a ; b": "`;`",
    "sleep 100 &": "`&`",
    "sleep 100&": "`100&`",
    "a > file": "`>`",
    "a 2>&1": "`2>&1`",
    "a >>file": "`>>file`",
    "a < file": "`<`",
    "a <<< x": "`<<<`",
    "echo $HOME": "`$HOME`",
    "echo x$HOME": "`x$HOME`",
    "echo $(date)": "`$(date)`",
    "a $?": "`$?`",
    "a $1": "`$1`",
    "ls ~": "`~`",
    "ls ~/x": "`~/x`",
    "ls *.py": "`*.py`",
    "ls data/*": "`data/*`",
    "FOO=bar env": "`FOO=bar`",
    "cd /tmp": "`cd`",
    "source venv/bin/activate": "`source`",
    "export A=1": "`export`",
    "( a )": "`(`",
    "(cd x; make)": "`(cd`",
    "exec python feed.py": "`exec`",
    "a&&b": "`a&&b`",
    "sleep 1;sleep 2": "`1;sleep`",
    "echo hi>out.txt": "`hi>out.txt`",
    "cat <<EOF": "`<<EOF`",
    "diff <(a) b": "`<(a)`",
    "ls *": "`*`",
    "a # why": "`#`",
    'echo "$HOME"': '`"$HOME"`',
    "echo $((1+2))": "`$((1+2))`",
    "echo 1\necho 2": "a second line",
    "a \\\n  --b": "a `\\` at the end of a line",
}

FOR_A_PROGRAM = [
    "python feed.py --rate 5",
    "a 'b && c'",
    'bash -c "cd x && exec y > z"',
    "bash -c 'echo $HOME | tee x'",
    "curl http://host/?a=1&b=2",
    "a --to tcp://*:5555",
    "a --pattern=*.py",
    "a ${index} ${endpoints.work}",
    "a ${env.HOME}/x",
    "a --key=value b=c",
    r"a \$HOME \*.py",
    "a =>b",
    "grep a|b file",
    "a price$ $.b",
    "python -c 'import time\ntime.sleep(1)'",
    'bash -c "\n  cd x\n  make\n"',
    '/bin/sh -c "$SCRIPT"',
    "a --dsn=host=x;port=5 => b",
    'node -e "console.log(`$x`)"',
    "python -m this\n  --rate 5\n  --more",
    "a ~b=c",
    "test -s conn.json",
    "",
]


@pytest.mark.parametrize("command", FOR_A_SHELL)
def test_what_a_shell_would_take_for_itself_is_found(command: str) -> None:
    assert shell_syntax(command) == FOR_A_SHELL[command]


@pytest.mark.parametrize("command", FOR_A_PROGRAM)
def test_what_any_program_understands_is_not(command: str) -> None:
    assert shell_syntax(command) == ""
