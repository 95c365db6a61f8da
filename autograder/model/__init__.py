"""What passes between the rooms: plain data, the standard library alone."""
