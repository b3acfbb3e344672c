"""Histograms in the HdrHistogram V2 compressed form, as base64: any tool that reads `.hlog` reads ours.

Written: three significant digits, unit 1, which is how `histogram` counts anyway. Read: any number of digits.
Other encodings (V0, V1, double histograms) are refused by name.
"""

from __future__ import annotations

import binascii
import struct
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator

from mcpctl.errors import UsageError
from mcpctl.loadtest.histogram import Histogram, highest_of, lowest_of, middle_of

_COOKIE = 0x1C849303 | 0x10
_COMPRESSED_COOKIE = 0x1C849304 | 0x10
_OUTER = struct.Struct(">ii")
_INNER = struct.Struct(">iiiiqqd")
_DIGITS = 3
_ONE_HOUR = 3_600_000_000_000
"""Largest value we promise to track, in nanoseconds: no request may take longer."""
_MAX_PLAIN = 64 << 20
"""Bytes after decompression; a full histogram has 0.5 MB, and files come from anywhere."""


def encode(histogram: Histogram) -> str:
    payload = b"".join(_packed(histogram.counts))
    highest = max(_ONE_HOUR, histogram.maximum)
    plain = _INNER.pack(_COOKIE, len(payload), 0, _DIGITS, 1, highest, 1.0) + payload
    squeezed = zlib.compress(plain)
    return b64encode(_OUTER.pack(_COMPRESSED_COOKIE, len(squeezed)) + squeezed).decode()


def decode(text: str) -> Histogram:
    """Sum and extremes come back as good as the buckets are; counts are exact."""
    plain = _decompressed(text)
    if len(plain) < _INNER.size:
        raise _unreadable("it is cut short")
    cookie, length, offset, digits, unit, _, _ = _INNER.unpack_from(plain)
    if cookie & ~0xF0 != _COOKIE & ~0xF0 or offset or not 1 <= digits <= 5 or unit < 1:
        raise _unreadable("only the V2 encoding of integer histograms is read")
    payload = plain[_INNER.size : _INNER.size + length]
    if len(payload) != length:
        raise _unreadable("it is cut short")
    layout = _Layout(digits, unit)
    histogram = Histogram()
    pairs = [(layout.middle(index), count) for index, count in _unpacked(payload)]
    histogram.record_weighted(pairs)
    if histogram.count and layout.is_ours:
        histogram.minimum = lowest_of(min(histogram.counts))
        histogram.maximum = highest_of(max(histogram.counts))
    return histogram


def _packed(counts: dict[int, int]) -> Iterator[bytes]:
    """Counts from bucket 0 on, each a zigzag LEB128 number; a negative one skips so many empty buckets."""
    reached = 0
    for bucket in sorted(counts):
        if bucket > reached:
            yield _number(reached - bucket)
        yield _number(counts[bucket])
        reached = bucket + 1


def _number(value: int) -> bytes:
    left = (value << 1) ^ (value >> 63)
    out = bytearray()
    # The ninth byte of this dialect carries eight bits, so that 64 bits fit into nine.
    while left > 0x7F and len(out) < 8:
        out.append(left & 0x7F | 0x80)
        left >>= 7
    out.append(left)
    return bytes(out)


def _unpacked(payload: bytes) -> Iterator[tuple[int, int]]:
    index = position = 0
    while position < len(payload):
        value = shift = 0
        for place in range(9):
            if position >= len(payload):
                raise _unreadable("its last number is cut short")
            byte = payload[position]
            position += 1
            last = place == 8
            value |= (byte if last else byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        number = (value >> 1) ^ -(value & 1)
        if number < 0:
            index -= number
        else:
            if number:
                yield index, number
            index += 1


def _decompressed(text: str) -> bytes:
    try:
        raw = b64decode(text, validate=True)
        cookie, length = _OUTER.unpack_from(raw)
    except (binascii.Error, struct.error, ValueError) as error:
        raise _unreadable("it is not base64 of the expected form") from error
    if cookie & ~0xF0 != _COMPRESSED_COOKIE & ~0xF0:
        raise _unreadable("only the V2 compressed encoding is read")
    try:
        unzip = zlib.decompressobj()
        plain = unzip.decompress(raw[_OUTER.size : _OUTER.size + length], _MAX_PLAIN)
    except zlib.error as error:
        raise _unreadable("its compressed part is damaged") from error
    if unzip.unconsumed_tail:
        raise _unreadable("it is larger than any histogram of latencies")
    return plain


class _Layout:
    """Which value a place in the array stands for, at any number of digits and any unit."""

    def __init__(self, digits: int, unit: int) -> None:
        self._half_bits = (2 * int(10**digits) - 1).bit_length() - 1
        self._unit_bits = unit.bit_length() - 1
        self.is_ours = digits == _DIGITS and unit == 1

    def middle(self, index: int) -> int:
        if self.is_ours:
            return middle_of(index)
        magnitude = max(0, (index >> self._half_bits) - 1)
        sub_bucket = index - (magnitude << self._half_bits)
        shift = magnitude + self._unit_bits
        return (sub_bucket << shift) + ((1 << shift) >> 1)


def _unreadable(why: str) -> UsageError:
    return UsageError(f"the histogram cannot be read: {why}", code="usage.histogram")
