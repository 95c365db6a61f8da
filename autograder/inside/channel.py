"""Send and receive frames on a socket, by a deadline, and collect output meanwhile."""

from __future__ import annotations

import os
import select
import socket
import time
from typing import Any

from autograder.inside.wire import BOUNDS, FRAME_HEAD, need, read_header


class Closed(ConnectionError):
    """The other end has gone."""


class Output:
    """What a process prints, cut while it streams: in all, and line by line."""

    def __init__(self, most: int, line: int) -> None:
        self.left, self.line = most, line
        self.column = 0
        self.kept: list[bytes] = []
        self.cut = False

    def add(self, data: bytes) -> None:
        """Keep what is allowed of some more output."""
        if self.left <= 0:
            self.mark_cut()
            return
        for part in data.splitlines(keepends=True) if self.left > 0 else ():
            room = max(0, min(self.line - self.column, self.left))
            body = part.rstrip(b"\r\n")
            if len(body) > room and room:
                self.keep(body[:room] + b" [line cut]")
            elif room:
                self.keep(body)
            self.column += len(body)
            if body != part:
                self.column = 0
                self.keep(b"\n")

    def keep(self, data: bytes) -> None:
        """Keep some bytes."""
        self.kept.append(data)
        self.left -= len(data)

    def mark_cut(self) -> None:
        """Say once that there was more."""
        if not self.cut:
            self.kept.append(b"\n[output cut]\n")
            self.cut = True

    def take(self) -> str:
        """Return what came since the last time."""
        text = b"".join(self.kept).decode("utf-8", "replace")
        self.kept = []
        return text


class Channel:
    """Frames on a stream socket; `outputs` are pipes to drain while waiting."""

    def __init__(
        self, link: socket.socket, outputs: dict[int, Output] | None = None
    ) -> None:
        self.link = link
        self.outputs = outputs or {}
        link.setblocking(False)
        self.poll = select.poll()
        self.poll.register(link, select.POLLIN)
        for pipe in self.outputs:
            os.set_blocking(pipe, False)
            self.poll.register(pipe, select.POLLIN)

    def close(self) -> None:
        """Close the socket and the pipes."""
        self.link.close()
        for pipe in self.outputs:
            os.close(pipe)
        self.outputs = {}

    def drain(self, most: int = 64) -> None:
        """Collect what is in the pipes now."""
        for pipe in list(self.outputs):
            for _ in range(most):
                try:
                    data = os.read(pipe, 1 << 16)
                except BlockingIOError:
                    break
                if not data:
                    self.forget(pipe)
                    break
                self.outputs[pipe].add(data)

    def forget(self, pipe: int) -> None:
        """Stop watching a pipe whose other end has closed."""
        self.poll.unregister(pipe)
        os.close(pipe)
        del self.outputs[pipe]

    def wait(self, event: int, deadline: float | None) -> None:
        """Wait until the socket is ready; TimeoutError after the deadline."""
        self.poll.modify(self.link, event)
        while True:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise TimeoutError
            ready = self.poll.poll(None if left is None else left * 1000 + 1)
            self.drain(1)
            if any(fd == self.link.fileno() for fd, _ in ready):
                return

    def send(self, parts: list[Any], deadline: float | None = None) -> None:
        """Send a frame."""
        for part in [b"".join(parts)] if len(parts) < 64 else parts:
            left = memoryview(part).cast("B") if len(part) else memoryview(b"")
            while left:
                try:
                    left = left[self.link.send(left) :]
                except BlockingIOError:
                    self.wait(select.POLLOUT, deadline)
                except OSError as error:
                    raise Closed(str(error)) from None

    def read(self, count: int, deadline: float | None) -> bytearray:
        """Return exactly `count` bytes."""
        buffer = bytearray(count)
        left = memoryview(buffer)
        if deadline is not None and time.monotonic() > deadline:
            raise TimeoutError
        while left:
            try:
                got = self.link.recv_into(left)
            except BlockingIOError:
                self.wait(select.POLLIN, deadline)
                continue
            except OSError as error:
                raise Closed(str(error)) from None
            if not got:
                raise Closed("the other end has closed")
            left = left[got:]
        return buffer

    def receive(self, deadline: float | None = None) -> tuple[dict[str, Any], Any]:
        """Return the header and blob of the next frame."""
        header, blob = self.receive_raw(deadline)
        return read_header(header), blob

    def receive_raw(self, deadline: float | None) -> tuple[bytes, bytearray]:
        """Return the next frame as bytes, its sizes checked before it is read."""
        header, blob = FRAME_HEAD.unpack(self.read(FRAME_HEAD.size, deadline))
        need(header <= BOUNDS.header, "the header is too long")
        need(blob <= BOUNDS.blob, "there are too many bytes")
        return bytes(self.read(header, deadline)), self.read(blob, deadline)
