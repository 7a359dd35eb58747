"""``delivery: durable``: what PUSH has taken reaches a PULL, whoever dies between."""
