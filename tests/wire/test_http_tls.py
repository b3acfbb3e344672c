"""TLS: who is trusted, who we are, and what is said when it does not work out."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from mcpctl.errors import ConfigError, ConnectError
from mcpctl.wire.tls import TlsFiles, tls_context, tls_files
from tests.servers.http_scripted import polite, serving
from tests.support import ROOT, run
from tests.transports.remotes import call, channel, failure
from tests.wire.certificates import Certificates, make_certificates


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


async def outcome(server_context: ssl.SSLContext, *, env: dict[str, str] | None = None, **spec: Any) -> Any:
    async with serving(polite, tls=server_context) as server, channel(server.url(), env=env, **spec) as http:
        for _ in range(2):
            await call(http)
        assert server.connections == 1
        return True


def test_a_server_of_an_own_authority_is_trusted_by_its_file(certificates: Certificates) -> None:
    assert run(outcome(certificates.server_context(), ca_file=str(certificates.authority)))


def test_the_usual_variable_names_authorities_too(certificates: Certificates) -> None:
    env = {"SSL_CERT_FILE": str(certificates.authority)}
    assert run(outcome(certificates.server_context(), env=env))


def test_a_server_of_an_unknown_authority_is_not_trusted(certificates: Certificates) -> None:
    error = run(failure(outcome(certificates.server_context())))
    assert isinstance(error, ConnectError)
    assert error.code == "connect.tls"
    assert error.kind == "tls"
    assert "is not trusted: unable to get local issuer certificate" in error.message
    assert error.hint is not None
    assert "ca_file" in error.hint


def test_a_certificate_for_another_name_is_not_trusted(certificates: Certificates) -> None:
    async def main() -> None:
        async with serving(polite, tls=certificates.server_context(), host="127.0.0.2") as server:
            url = server.url(host="127.0.0.2")
            async with channel(url, ca_file=str(certificates.authority)) as http:
                error = await failure(call(http))
                assert "is not trusted: IP address mismatch" in error.message

    run(main())


def test_a_client_certificate_opens_the_door(certificates: Certificates) -> None:
    identity = {"client_cert": str(certificates.client), "client_key": str(certificates.client_key)}
    context = certificates.server_context(wants_client=True)
    assert run(outcome(context, ca_file=str(certificates.authority), **identity))


def test_without_a_client_certificate_the_server_s_alert_is_quoted(certificates: Certificates) -> None:
    context = certificates.server_context(wants_client=True)

    def refuse(listener: socket.socket) -> None:
        """Blocking, because asyncio's servers keep their alerts to themselves."""
        connection, _ = listener.accept()
        with connection.dup() as kept:  # unread bytes at the end would turn it into a reset
            with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True):
                pass
            while kept.recv(1 << 16):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=refuse, args=(listener,))
        thread.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"

        async def main() -> None:
            async with channel(url, ca_file=str(certificates.authority)) as http:
                error = await failure(call(http))
                assert isinstance(error, ConnectError)
                assert "certificate required" in error.message

        run(main())
        thread.join(60)


def test_a_server_that_does_not_speak_tls_is_named_as_such() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(refuse, "127.0.0.1", 0)
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with server, channel(url) as http:
            error = await failure(call(http))
            assert error.code == "connect.tls"
            assert "TLS with" in error.message
            assert error.hint == "use `http://` if the server is not encrypted"

    run(main())


def test_a_server_that_speaks_tls_where_none_was_asked_for_is_no_http(certificates: Certificates) -> None:
    async def main() -> None:
        async with serving(polite, tls=certificates.server_context()) as server:
            url = server.url().replace("https:", "http:")
            async with channel(url) as http:
                assert (await failure(call(http))).code in ("connect.reset", "protocol.malformed")

    run(main())


def test_one_context_serves_all_who_name_the_same_files(certificates: Certificates) -> None:
    files = TlsFiles(ca_file=str(certificates.authority))
    assert tls_context(files) is tls_context(TlsFiles(ca_file=str(certificates.authority)))
    assert tls_context(files) is not tls_context(TlsFiles())


def test_a_file_that_changed_is_read_again(certificates: Certificates, tmp_path: Path) -> None:
    copy = tmp_path / "authority.pem"
    copy.write_bytes(certificates.authority.read_bytes())
    before = tls_context(TlsFiles(ca_file=str(copy)))
    copy.write_bytes(certificates.authority.read_bytes() + b"\n")
    os.utime(copy, ns=(1, 1))
    assert tls_context(TlsFiles(ca_file=str(copy))) is not before


def test_what_a_server_names_wins_over_the_environment() -> None:
    env = {"SSL_CERT_FILE": "/env/file", "SSL_CERT_DIR": "/env/folder"}
    assert tls_files(env) == TlsFiles(ca_file="/env/file", ca_dir="/env/folder")
    assert tls_files(env, ca_file="/own") == TlsFiles(ca_file="/own")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ({"ca_file": "absent"}, "No such file"),
        ({"ca_file": "key"}, "no certificate or crl found"),
        ({"client_cert": "absent"}, "No such file"),
        ({"client_cert": "client", "client_key": "other"}, "key values mismatch"),
        ({"client_cert": "client", "client_key": "locked"}, "is encrypted"),
    ],
)
def test_files_that_cannot_be_used_are_faults_of_the_configuration(
    certificates: Certificates, names: dict[str, str], words: str
) -> None:
    paths = {
        "absent": "/nowhere/x.pem",
        "key": str(certificates.client_key),
        "client": str(certificates.client),
        "other": str(certificates.server),
        "locked": str(certificates.locked_key),
    }
    with pytest.raises(ConfigError) as caught:
        tls_context(TlsFiles(**{name: paths[value] for name, value in names.items()}))
    assert caught.value.code == "config.tls"
    assert words in caught.value.message


def test_a_call_without_tls_makes_no_context() -> None:
    program = (
        "import mcpctl.transports.http, sys;"
        "from mcpctl.wire import tls;"
        "sys.exit(bool(tls._contexts) or 'http' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
