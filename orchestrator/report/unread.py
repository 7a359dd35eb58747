"""What processes have left unread, in words."""

from __future__ import annotations

from orchestrator.control.messages import InFlight, UnreadAt
from orchestrator.report.text import count, size, some

_UNKNOWN = {
    "signal": "ended by a signal, so what they held is lost: ",
    "failed": "failed, so what they held is lost: ",
    "absent": "did not run, so what was for them is lost: ",
    "dropped": "nobody read what these still had, if anything: ",
    "command": "nobody knows what these commands still held: ",
    "unseen": "nobody heard what these still held: ",
}


def unread(process: str, found: UnreadAt) -> str:
    """Say what one socket of a process has left unread, and what becomes of it."""
    at = f"{process}.{found['socket']}" if found["socket"] else process
    edge = f" (edge {found['edge']})" if found["edge"] else ""
    amount = _amount(found["messages"], found["bytes"])
    if found["then"] == "kept":
        several = amount and found["messages"] != 1
        what = amount or "what subscribers have not had"
        return f"{what} of {at}{edge} {'stay' if several else 'stays'} in the journal"
    lost = ": lost" if found["then"] == "lost" else ""
    if found["way"] == "received":
        return f"left {amount} unread at {at}{edge}{lost}"
    if found["then"] == "dropped" and not amount:
        return f"left with what it still had of {at}{edge}, if anything: nobody is there for it"
    peer = f"{found['peer']} has" if found["peer"] else "its peer has"
    if found["bytes"]:
        return f"left with at least {amount} of {at}{edge} that {peer} not read{lost}"
    return f"left with {amount or 'messages'} of {at}{edge} that nobody took in time{lost}"


def in_flight(found: InFlight) -> str:
    """Say in short what was on its way when a mesh ended; that it was nothing only where all is known."""
    told = []
    if found["lost"]:
        amount = _amount(found["messages"] or None, found["bytes"])
        told.append(f"lost: {f'at least {amount}' if amount else 'messages'} of {some(found['lost'])}")
    if found["keepers"]:
        amount = count(found["kept"], "message") if found["kept"] else "what subscribers have not had"
        told.append(f"{amount} kept in journals")
    told += [_UNKNOWN[why] + some(names) for why, names in found["unknown"].items()]
    return "; ".join(told) or "nothing left in flight"


def _amount(messages: int | None, octets: int) -> str:
    told = [count(messages, "message")] if messages else []
    if octets:
        told.append(size(octets))
    return ", ".join(told)
