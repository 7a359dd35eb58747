"""Topology -> Plan: everything decided, nothing done. Pure."""
