"""Student's process and checker's process, with nothing but plain data between them."""
