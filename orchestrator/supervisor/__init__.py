"""Decides and records: makes the machine match the plan, through the keeper."""
