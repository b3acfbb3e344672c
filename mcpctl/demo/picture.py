"""A picture and a sound made of arithmetic: binary content that needs no file and is the same everywhere."""

from __future__ import annotations

import math
import struct
import zlib

SAMPLE_RATE = 8000


def png(size: int) -> bytes:
    """A square of two gradients, eight bits of red, green and blue."""
    rows = bytearray()
    for y in range(size):
        rows.append(0)  # every row opens with its filter: none
        for x in range(size):
            rows += bytes((255 * x // size, 255 * y // size, 128))
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def wav(seconds: float = 0.1) -> bytes:
    """A short sine at 440 Hz, eight bits, one channel."""
    count = int(SAMPLE_RATE * seconds)
    samples = bytes(128 + round(100 * math.sin(math.tau * 440 * n / SAMPLE_RATE)) for n in range(count))
    layout = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, SAMPLE_RATE, SAMPLE_RATE, 1, 8)
    body = b"WAVE" + layout + struct.pack("<4sI", b"data", count) + samples
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
