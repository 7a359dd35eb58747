"""The JSON Schema of the language, for editors: made from the model and from ZeroMQ's tables."""
