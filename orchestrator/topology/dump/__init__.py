"""A topology -> plain data -> YAML."""
