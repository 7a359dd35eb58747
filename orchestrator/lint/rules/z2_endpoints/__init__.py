"""Z2: addresses of edges."""

from orchestrator.lint.rules.z2_endpoints import hosts, ipc_paths, open_to_others, ports, transports, two_meshes

__all__ = ["hosts", "ipc_paths", "open_to_others", "ports", "transports", "two_meshes"]
