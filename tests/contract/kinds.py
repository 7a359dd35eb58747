"""All kinds of messages: which modules hold them."""

from __future__ import annotations

from dataclasses import is_dataclass
from types import ModuleType
from typing import Any, is_typeddict

from orchestrator.contract import codec, exits, keeper_messages, launch, node_messages, wiring
from orchestrator.contract.codec import Part
from orchestrator.control import messages, verbs
from orchestrator.supervisor.policy.state import ProcessState
from orchestrator.supervisor.runtime import records

MODULES = (verbs, messages, keeper_messages, node_messages, exits, codec, launch, wiring, records)


def of(module: ModuleType) -> list[Any]:
    """Give those of a module, in its order."""
    return [
        each
        for each in vars(module).values()
        if isinstance(each, type)
        and each.__module__ == module.__name__
        and each.__name__ not in ("Part", "Request")
        and (is_typeddict(each) or is_dataclass(each) or issubclass(each, Part))
    ]


KINDS = [*(kind for module in MODULES for kind in of(module)), ProcessState]
