"""Files with what they include and their variables -> one document."""
