"""Text -> Topology: reads the YAML, replaces variables, checks, and knows where everything was written. Pure."""
