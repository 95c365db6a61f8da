"""Attention mechanisms, small and readable: the library behind the course.

Its rooms, each of which imports only those that stand below it:

    figures      plots, tables, and figures that answer to the reader
    training     losses, learning rates, the loop, and what is kept of a training
    models       networks built of the mechanisms, and what they write or know
    data         dates, sentences, letters, and how they become numbers
    mechanisms   scores, masks, heads, positions: what a chapter is about
    shapes       the one check of shapes

`data` and `mechanisms` stand side by side: neither imports the other. Nothing is
imported here, nor in the rooms' own `__init__`, so that the first two chapters need
NumPy alone.
"""
