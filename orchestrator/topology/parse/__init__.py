"""Text -> data with the position of every key and value."""
