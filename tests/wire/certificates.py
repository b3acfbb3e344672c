"""Certificates made on the spot: an authority, a server for the loopback addresses, a client."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    authority: Path
    server: Path
    client: Path
    client_key: Path
    locked_key: Path

    def server_context(self, *, wants_client: bool = False) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server)
        if wants_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.authority)
        return context


def make_certificates(folder: Path) -> Certificates:
    pytest.importorskip(
        "cryptography", reason="certificates are made with cryptography, which mcp brings along"
    )
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    def named(name: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    def signed(name: str, key: ec.EllipticCurvePrivateKey, *, authority: bool) -> bytes:
        now = dt.datetime.now(dt.UTC)
        hosts = [x509.DNSName("localhost"), x509.DNSName("upstream.test")]
        addresses = [x509.IPAddress(ipaddress.ip_address(one)) for one in ("127.0.0.1", "::1")]
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=authority,
            crl_sign=authority,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        certificate = (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named("test authority"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([*hosts, *addresses]), critical=False)
            .add_extension(usage, critical=True)
            .sign(root_key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM)

    def private(key: ec.EllipticCurvePrivateKey, password: bytes | None = None) -> bytes:
        lock: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if password is not None:
            lock = serialization.BestAvailableEncryption(password)
        return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)

    def write(name: str, *parts: bytes) -> Path:
        path = folder / name
        path.write_bytes(b"".join(parts))
        return path

    root_key, server_key, client_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    return Certificates(
        authority=write("authority.pem", signed("test authority", root_key, authority=True)),
        server=write("server.pem", private(server_key), signed("localhost", server_key, authority=False)),
        client=write("client.pem", signed("client", client_key, authority=False)),
        client_key=write("client.key", private(client_key)),
        locked_key=write("locked.key", private(client_key, b"secret")),
    )
