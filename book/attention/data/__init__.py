"""What the models read: dates, sentences, letters, and how they become numbers."""
