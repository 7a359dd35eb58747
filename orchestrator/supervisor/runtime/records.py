"""What ``state.jsonl`` holds beside a ProcessState for each process: what a successor has to know of the mesh."""

from orchestrator.contract.codec import Part


class MeshRecord(Part):
    """All that was written of a mesh, the last of each; what was not is as it is here.

    ``boot`` is the boot of the machine, ``begun`` in seconds of CLOCK_MONOTONIC, ``ports`` are the addresses by
    endpoint whose port the kernel has chosen, ``gates`` the nodes whose gate is open, each with since when,
    ``draining`` why the mesh drains.
    """

    version: int | None = None
    boot: str = ""
    begun: float | None = None
    ended: bool = False
    keeper: int = 0
    supervisor: int = 0
    ports: dict[str, str] = {}  # noqa: RUF012 - a record does not change
    up: bool = False
    gates: dict[str, float] = {}  # noqa: RUF012 - a record does not change
    draining: str = ""


class Alive(Part):
    """What tells whether a process of a record lives."""

    pid: int = 0
    ticks: int = 0
