"""``delivery: durable``: what a PUSH has accepted reaches a PULL, whoever dies between."""
