"""What a person who grades sees on the terminal."""
