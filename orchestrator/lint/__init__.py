"""(Topology, Plan, facts) -> findings: what ZeroMQ would answer with silence, said before anything runs. Pure."""
