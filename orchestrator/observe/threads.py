"""What the main thread of a process does, as far as the kernel shows it (proc(5))."""

from __future__ import annotations


def doing(pid: int) -> str:
    """Return what the main thread of a process does that does not answer, as far as the kernel tells (proc(5))."""
    folder = f"/proc/{pid}/task/{pid}"
    try:
        with open(f"{folder}/stat", "rb") as file:
            state = file.read().rpartition(b") ")[2][:1]
        with open(f"{folder}/wchan") as text:
            place = text.read()
    except OSError:
        return "it is ending"
    match state:
        case b"R":
            return "its main thread computes"
        case b"T":
            return "a signal has stopped it"
        case b"t":
            return "a debugger holds it"
    return "its main thread waits" + (f" in {place}" if place not in ("", "0") else "")
