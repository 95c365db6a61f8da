"""Sort what a learning platform gives into one folder a student."""
