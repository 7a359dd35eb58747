"""What to do about what happens, as data: nothing here touches the machine."""
