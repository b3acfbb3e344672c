"""The supervisor's end of the control socket: takes command lines of this user's own clients and has them performed.

Whoever holds the lock is the supervisor of a configuration; a socket without a locked owner is a dead one, and only
such a one is ever removed.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import socket
import struct
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from mcpctl import __version__
from mcpctl.control.client import EXIT, OTHER_VERSION, STOP, TAKEN
from mcpctl.control.host import Host, Perform, Stops
from mcpctl.control.outlet import Outlet
from mcpctl.control.request import Broken, Client, read_client, take_streams
from mcpctl.errors import ConnectError, InterruptError
from mcpctl.supervisor import runfile

BACKLOG: Final = 128
"""Clients that wait to be accepted."""

_CREDENTIALS: Final = struct.Struct("3i")


class Control:
    def __init__(self, place: Path, env: Mapping[str, str]) -> None:
        """`place` is the socket's path without its ending."""
        self.socket = place.with_suffix(".sock")
        self.run_file = place.with_suffix(runfile.SUFFIX)
        self._env = env
        self._lock_path = place.with_suffix(".lock")
        self._lock: int | None = None
        self._listener: socket.socket | None = None
        self._host: Host | None = None
        self._perform: Perform | None = None
        self._clients: set[asyncio.Task[None]] = set()

    @property
    def claimed(self) -> bool:
        return self._lock is not None

    def claim(self) -> None:
        """Become the supervisor of this configuration. Raises `ConnectError` with the pid of the one there is."""
        prepare(self.socket.parent)
        lock = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise already_running(self.run_file) from error
        self._lock = lock

    def answers(self) -> bool:
        """Whether somebody listens at the socket."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.setblocking(False)
            try:
                line.connect(str(self.socket))
            except BlockingIOError:  # so many wait already that it cannot even be asked
                return True
            except OSError:
                return False
        return True

    def open(self, host: Host, perform: Perform) -> None:
        """Let clients in. Wants a running event loop, and the claim."""
        assert self._lock is not None
        self._host, self._perform = host, perform
        with contextlib.suppress(FileNotFoundError):
            self.socket.unlink()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            listener.bind(str(self.socket))
        finally:
            os.umask(before)
        listener.listen(BACKLOG)
        listener.setblocking(False)
        self._listener = listener
        asyncio.get_running_loop().add_reader(listener.fileno(), self._accept)

    async def aclose(self) -> None:
        """Let nobody in any more, and end what goes on. The claim stays until `release`."""
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener.fileno())
            self._listener.close()
            self._listener = None
            with contextlib.suppress(FileNotFoundError):
                self.socket.unlink()
        for task in self._clients:
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def idle(self, seconds: float) -> None:
        """Wait for the clients that are being served, at most so long."""
        waiting = self._clients - {asyncio.current_task()}
        if waiting:
            await asyncio.wait(waiting, timeout=seconds)

    def release(self) -> None:
        if self._lock is not None:
            if self._host is not None:
                with contextlib.suppress(OSError):
                    self.run_file.unlink()
            os.close(self._lock)
            self._lock = None

    # -- clients ---------------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        assert self._listener is not None
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:  # nobody more, or one that left at once, or no descriptor free
                return
            if not _is_ours(line):
                line.close()
                continue
            line.setblocking(False)
            task = asyncio.create_task(self._serve(line))
            self._clients.add(task)
            task.add_done_callback(self._clients.discard)

    async def _serve(self, line: socket.socket) -> None:
        reply = b""  # this is not for a supervisor
        try:
            with contextlib.closing(await read_client(line)) as client:
                if client.version != __version__:
                    reply = OTHER_VERSION + __version__.encode()
                    return
                await take_streams(client, line)
                if _say(line, TAKEN):
                    reply = EXIT + bytes([await self._carry_out(client, line) & 0xFF])
        except Broken:
            pass
        finally:
            _say(line, reply)
            line.close()

    async def _carry_out(self, client: Client, line: socket.socket) -> int:
        host, perform = self._host, self._perform
        assert host is not None
        assert perform is not None
        stops, gone = Stops(), InterruptError("the client has gone")
        watching = _watch(line, stops, gone)
        outlets = [Outlet(descriptor, partial(stops.stop, gone)) for descriptor in client.outputs]
        host.clients += 1
        try:
            code = await perform(client.argv, client.world(self._env, *outlets), host, stops)
            if stops.reason is not gone:
                for outlet in outlets:
                    await outlet.drain()
            return code
        finally:
            host.clients -= 1
            watching()
            for outlet in outlets:
                outlet.release()


def prepare(folder: Path) -> None:
    """A folder for sockets that nobody else can look into. Raises `ConnectError` where there can be none."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConnectError(
            f"the folder `{folder}` cannot be made: {(error.strerror or str(error)).lower()}",
            code="connect.control_folder",
            hint="set `XDG_RUNTIME_DIR` to a folder of your own",
        ) from error
    about = folder.lstat()
    if about.st_uid != os.getuid():
        raise ConnectError(
            f"the folder `{folder}` belongs to another user",
            code="connect.control_folder",
            hint="set `XDG_RUNTIME_DIR` to a folder of your own",
        )
    if about.st_mode & 0o077:
        folder.chmod(0o700)


def already_running(run_file: Path) -> ConnectError:
    past = runfile.read(run_file)
    who = f" with pid {past.supervisor.pid}" if past is not None else ""
    return ConnectError(
        f"a supervisor of this configuration is running already{who}",
        code="connect.already_running",
        kind="already_running",
        hint="see it with `mcpctl ps`, end it with `mcpctl stop --all`, or take its place with `--replace`",
    )


def nobody_took_it(place: Path) -> ConnectError:
    """Why a command that is for a supervisor runs in none."""
    past = runfile.read(place.with_suffix(runfile.SUFFIX))
    if past is None or not past.supervisor.alive:
        return ConnectError(
            "no supervisor is running for this configuration",
            code="connect.no_supervisor",
            kind="no_supervisor",
            hint="start one: `mcpctl run --detach`",
        )
    pid = past.supervisor.pid
    return ConnectError(
        f"the supervisor with pid {pid} did not take the command",
        code="connect.supervisor_silent",
        kind="supervisor_silent",
        hint=f"let it go on if it was stopped: `kill -CONT {pid}`; if it hangs, end it: `kill -9 {pid}`",
    )


def _is_ours(line: socket.socket) -> bool:
    if not hasattr(socket, "SO_PEERCRED"):
        return True  # macOS: the folder's mode has to do
    about = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(about)[1]) == os.getuid()


def _watch(line: socket.socket, stops: Stops, gone: InterruptError) -> Callable[[], None]:
    """Hear from the client while its command runs: a signal it got, or its end, which is `gone`."""
    loop = asyncio.get_running_loop()

    def readable() -> None:
        try:
            said = line.recv(16)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        if said[:1] == STOP and len(said) > 1:
            stops.stop(_interrupted(said[1]))
            return
        loop.remove_reader(line.fileno())
        stops.stop(gone)

    def end() -> None:
        loop.remove_reader(line.fileno())

    loop.add_reader(line.fileno(), readable)
    return end


def _interrupted(number: int) -> InterruptError:
    import signal

    return InterruptError(f"interrupted by {signal.Signals(number).name}")


def _say(line: socket.socket, reply: bytes) -> bool:
    """Whether the client still listens."""
    try:
        line.send(reply)
    except OSError:
        return False
    return True
