"""What rules are made of, and what is done with findings: none of it knows a rule."""
