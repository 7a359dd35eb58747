"""Events, logs, states and findings as text. Pure: data in, text out."""
