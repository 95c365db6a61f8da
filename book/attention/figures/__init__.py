"""What the pages show: plots, tables, and figures that answer to the reader."""
