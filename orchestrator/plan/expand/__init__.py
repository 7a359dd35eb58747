"""Nodes -> processes: replicas, items, and what each process alone knows."""
