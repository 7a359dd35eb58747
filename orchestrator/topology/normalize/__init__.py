"""What people write -> what the model has: short forms, units, defaults."""
