"""For instructors: grade notebooks that strangers wrote, a room at a time."""
