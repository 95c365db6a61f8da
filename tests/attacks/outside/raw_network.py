# ruff: noqa
# tries: connects through the C library, past Python's socket module
# marks: 5
# status: graded
# aims: network

# %% total
import ctypes
import struct


def total(x, axis=-1):
    c = ctypes.CDLL(None)
    line = c.socket(2, 1, 0)
    place = struct.pack("=HHI8x", 2, 0, 0)
    place = place[:2] + struct.pack("!HI", PORT, 0x7F000001) + bytes(8)
    c.connect(line, place, 16)
    return 0
