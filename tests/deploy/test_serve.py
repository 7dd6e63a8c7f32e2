"""``make serve`` as an operator has it: real PostgreSQL, real Redis, nginx in front."""

from __future__ import annotations

import datetime
import re
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from churchsaas.processes import REALTIME_PATHS, ROOT
from tests import world
from tests.services import HOST, Server, free_port, require_program, wait_until

pytestmark = pytest.mark.slow

DOMAIN = "church.test"
SERVE = [sys.executable, "-m", "churchsaas.serve"]


def environment(database_url: str, **changes: str) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "churchsaas.settings",
        "DATABASE_URL": database_url,
        "REDIS_URL": "",
        "LOG_LEVEL": "INFO",
        "PORT": str(free_port()),
        "REALTIME_PORT": str(free_port()),
        **changes,
    }


@dataclass
class Installation:
    """All of it, running: the supervisor, its ports, and nginx's HTTPS address and access log."""

    supervisor: Server
    ports: dict[str, str]
    https: int
    access_log: Path

    def request(self, method: str, path: str, *, host: str, **options: object) -> httpx.Response:
        headers = {"Host": host, **dict(options.pop("headers", None) or {})}
        # The certificate was made for this test; who signed it is not its subject.
        url = f"https://{HOST}:{self.https}{path}"
        return httpx.request(method, url, headers=headers, verify=False, timeout=20, **options)

    def upstream_of(self, path: str) -> str:
        """Port to which nginx sent its last request for ``path``, each of which is asked for once."""

        def lines() -> list[str]:
            return [line for line in self.access_log.read_text().splitlines() if f' {path}" ' in line]

        # The line is written when the answer is on its way already.
        wait_until(lines, seconds=20, what=f"nginx's line about {path}")
        found = re.search(rf"{re.escape(HOST)}:(\d+)", lines()[-1].rpartition('"')[2])
        assert found is not None, lines()
        return found[1]


def make_certificate(directory: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DOMAIN)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    (directory / "fullchain.pem").write_bytes(certificate.public_bytes(encoding))
    (directory / "privkey.pem").write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def nginx_configuration(directory: Path, ports: dict[str, str], http: int, https: int) -> Path:
    """deploy/nginx.conf with this test's ports, names and files, inside the least that nginx needs."""
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    site = re.sub(r"^ *listen \[::\].*\n", "", site, flags=re.M)
    for old, new in {
        "example.org": DOMAIN,
        "127.0.0.1:8000": f"{HOST}:{ports['PORT']}",
        "127.0.0.1:8001": f"{HOST}:{ports['REALTIME_PORT']}",
        "listen 80;": f"listen {HOST}:{http};",
        "listen 443 ": f"listen {HOST}:{https} ",
        "/etc/ssl/churchsaas": str(directory),
        "/var/log/nginx/churchsaas.log": str(directory / "access.log"),
    }.items():
        assert old in site, f"deploy/nginx.conf has no “{old}”"
        site = site.replace(old, new)
    (directory / "site.conf").write_text(site)
    temporary = "".join(
        f"{kind}_temp_path {directory}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = directory / "nginx.conf"
    main.write_text(
        f"daemon off; pid {directory}/nginx.pid; error_log stderr;\n"
        f"events {{}}\nhttp {{\n{temporary}include {directory}/site.conf;\n}}\n"
    )
    return main


@pytest.fixture
def installation(
    own_database: str, redis_url: str, servers: Callable[..., Server], tmp_path: Path
) -> Installation:
    """``python -m churchsaas.serve`` with two HTTP processes, behind nginx."""
    nginx = require_program("nginx", install="apt-get install nginx-light")
    ports = environment(
        own_database,
        REDIS_URL=redis_url,
        WEB_PROCESSES="2",
        BASE_DOMAIN=DOMAIN,
        HTTPS="on",
        TRUSTED_PROXIES="1",
    )
    supervisor = servers(SERVE, environment=ports)
    http, https = free_port(), free_port()
    make_certificate(tmp_path)
    configuration = nginx_configuration(tmp_path, ports, http, https)
    proxy = servers([nginx, "-p", str(tmp_path), "-c", str(configuration)])
    wait_until(
        lambda: "ChurchSaaS serves" in supervisor.text() or supervisor.process.poll() is not None,
        seconds=90,
        what="make serve",
    )
    assert supervisor.process.poll() is None, supervisor.text()
    assert proxy.process.poll() is None, proxy.text()
    with psycopg.connect(own_database) as connection:
        connection.execute("UPDATE domains SET domain = replace(domain, 'localhost', %s)", [DOMAIN])
    return Installation(supervisor, ports, https, tmp_path / "access.log")


def test_a_church_is_served_over_https_and_paths_are_split(installation):
    grace = f"grace.{DOMAIN}"
    answer = installation.request("GET", "/healthz", host=DOMAIN)
    assert answer.status_code == 200, answer.text
    page = installation.request("GET", "/admin/login/", host=grace)
    assert page.status_code == 200
    assert "; Secure" in page.headers["Set-Cookie"]
    assert installation.upstream_of("/admin/login/") == installation.ports["PORT"]
    answer = installation.request(
        "POST",
        "/api/auth/login",
        host=grace,
        json={"email": world.email_of("bob"), "password": world.PASSWORD},
    )
    assert answer.status_code == 200, answer.text
    for path in REALTIME_PATHS:
        wanted = f"{path}0190f000-0000-7000-8000-000000000000" if path.endswith("/") else path
        installation.request("GET", wanted, host=grace)
        assert installation.upstream_of(wanted) == installation.ports["REALTIME_PORT"]


def test_the_limit_counts_the_client_and_not_what_it_claims_to_be(installation):
    statuses = [
        installation.request(
            "POST",
            "/api/auth/login",
            host=f"grace.{DOMAIN}",
            json={"email": world.email_of("bob"), "password": "wrong password"},
            headers={"X-Forwarded-For": f"198.51.100.{number}"},
        ).status_code
        for number in range(8)
    ]
    assert statuses == [401] * 5 + [429] * 3


def test_sigterm_stops_every_process(installation):
    group_leaders = children_of(installation.supervisor.process.pid)
    assert len(group_leaders) == 3
    installation.supervisor.process.send_signal(signal.SIGTERM)
    assert installation.supervisor.process.wait(60) == 0
    assert not [pid for pid in group_leaders if Path(f"/proc/{pid}").exists()]
    assert "Traceback" not in installation.supervisor.text()


def children_of(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children()]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "changeme"}, "SECRET_KEY is a default or too short"),
        ({"FIELD_ENCRYPTION_KEYS": "x" * 40}, "key 1 is not a Fernet key"),
        ({"WEB_PROCESSES": "2"}, "REDIS_URL is unset"),
        ({"PORT": "many"}, "PORT is not a valid int"),
    ],
)
def test_a_bad_setting_is_refused_with_a_sentence(servers, changes, sentence):
    server = servers(
        SERVE,
        environment={**environment("postgresql://nobody@127.0.0.1:1/nowhere"), "DEBUG": "off", **changes},
    )
    assert server.process.wait(60) == 1
    assert sentence in server.text()
    assert "Traceback" not in server.text()


def test_a_used_port_is_refused(own_database, servers):
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = str(other.getsockname()[1])
        server = servers(SERVE, environment=environment(own_database, REALTIME_PORT=port))
        assert server.process.wait(60) == 1
    assert f"Port {port} cannot be used" in server.text()
    assert "REALTIME_PORT" in server.text()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tenants SET migrated_to = '' WHERE subdomain = 'hope'",
        "DELETE FROM django_migrations WHERE app = 'sessions'",
    ],
    ids=["of one church", "of the platform"],
)
def test_due_migrations_are_refused_and_the_command_is_named(own_database, servers, statement):
    with psycopg.connect(own_database) as connection:
        connection.execute(statement)
    server = servers(SERVE, environment=environment(own_database))
    assert server.process.wait(60) == 1
    assert "manage.py migrate" in server.text()


def test_one_process_alone_takes_the_place_of_the_command(own_database, servers):
    """As in a container: the signal that the process gets is the one that was sent."""
    settings = environment(own_database)
    server = servers([*SERVE, "http"], environment=settings, url=f"http://{HOST}:{settings['PORT']}")
    wait_until(lambda: "granian" in command_line(server.process.pid), what="the server's own command line")
    probe = [sys.executable, "-m", "churchsaas.probe"]
    wait_until(lambda: servers(probe, environment=settings).process.wait(30) == 0, what="a healthy probe")
    assert server.get("/healthz").status_code == 200
    assert server.stop() == 0
    assert servers(probe, environment=settings).process.wait(30) == 1


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
