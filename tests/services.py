"""Real servers for tests: Redis, PgBouncer, a browser, and this project's own processes.

A machine that lacks a service skips the tests that need it, saying what to install; with
``REQUIRE_SERVICES=1`` in the environment, as in continuous integration, they fail instead.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest

from churchsaas import processes

HOST = "127.0.0.1"
ROOT = processes.ROOT
START_SECONDS = 90
STOP_SECONDS = 20


def missing(service: str, install: str) -> None:
    """Skips the test, or fails it where every service is required."""
    sentence = f"{service} is not installed: {install}"
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


def require_program(program: str, *, install: str) -> str:
    """Path of an installed program; skips (or fails) the test when there is none."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        missing(program, install)
    return str(found)


def free_port() -> int:
    """A TCP port on which nobody listened just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait_until(
    condition: Callable[[], object], *, seconds: float = START_SECONDS, what: str = "condition"
) -> None:
    """Returns when ``condition()`` is true; fails the test when it is not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds:g} seconds for {what}")
        time.sleep(0.05)


# Without keep-alive: each request may meet another process of a server.
_CLIENT = httpx.Client(trust_env=False, timeout=20, limits=httpx.Limits(max_keepalive_connections=0))


@dataclass
class Server:
    """A process of ours: its address (empty where it has none), and what it has written so far."""

    process: subprocess.Popen[bytes]
    output: Path
    url: str = ""

    def text(self) -> str:
        return self.output.read_text(errors="replace")

    def request(self, method: str, path: str, *, host: str, **options: object) -> httpx.Response:
        """Sends a request as though to ``host`` (a church's host name or the platform's)."""
        headers = {**dict(options.pop("headers", None) or {}), "Host": host}  # type: ignore[call-overload]  # options are httpx's own
        return _CLIENT.request(method, f"{self.url}{path}", headers=headers, **options)  # type: ignore[arg-type]  # same

    def get(self, path: str, *, host: str = "localhost", **options: object) -> httpx.Response:
        return self.request("GET", path, host=host, **options)

    def post(self, path: str, *, host: str = "localhost", **options: object) -> httpx.Response:
        return self.request("POST", path, host=host, **options)

    def stop(self) -> int:
        """SIGTERM, and SIGKILL to its whole group when that does not help; returns the exit status."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        # Whatever outlived the process that started it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()

    def kill(self) -> None:
        """SIGKILL to the process and all it started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def start(
    arguments: list[str], *, output: Path, environment: dict[str, str] | None = None, url: str = ""
) -> Server:
    """Starts a process in a group of its own, its output in a file."""
    with output.open("wb") as file:
        process = subprocess.Popen(
            arguments,
            env={**os.environ, **(environment or {})},
            cwd=processes.ROOT,
            stdout=file,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    return Server(process=process, output=output, url=url)


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """``servers(arguments, environment={…}, url=…)``: starts a process that ends with the test."""
    started: list[Server] = []

    def make(arguments: list[str], *, environment: dict[str, str] | None = None, url: str = "") -> Server:
        output = tmp_path / f"output-{len(started)}.txt"
        server = start(arguments, output=output, environment=environment, url=url)
        started.append(server)
        return server

    yield make
    for server in reversed(started):
        server.stop()


def project_environment(database_url: str, environment: dict[str, str] | None = None) -> dict[str, str]:
    """Environment of a process of this project that works on ``database_url``."""
    return {
        "DJANGO_SETTINGS_MODULE": "churchsaas.settings",
        "DATABASE_URL": database_url,
        "REDIS_URL": "",
        "LOG_LEVEL": "INFO",
        **(environment or {}),
    }


@pytest.fixture
def web(servers: Callable[..., Server]) -> Callable[..., Server]:
    """``web(database_url, interface="wsgi", environment={…}, wait=True)``: our own web server.

    ``interface`` "wsgi" is production's HTTP, "asgi" the process for sockets and streams, which
    answers HTTP too. Send requests with ``server.get(path, host="grace.localhost")``. With ``wait``
    it has answered /healthz before it is returned.
    """

    def make(
        database_url: str,
        *,
        interface: str = "wsgi",
        environment: dict[str, str] | None = None,
        processes_wanted: int = 1,
        threads: int = 4,
        wait: bool = True,
        application: str = "",
    ) -> Server:
        port = free_port()
        if interface == "asgi":
            process = processes.realtime_process(host=HOST, port=port)
        else:
            process = processes.http_process(
                host=HOST, port=port, processes=processes_wanted, threads=threads
            )
        arguments = [*process.arguments[:-1], application or process.arguments[-1]]
        server = servers(
            arguments,
            environment={**project_environment(database_url), **process.environment, **(environment or {})},
            url=f"http://{HOST}:{port}",
        )
        if wait:
            wait_until(lambda: _is_up(server), what=f"{server.url}/healthz")
        return server

    return make


def _is_up(server: Server) -> bool:
    if server.process.poll() is not None:
        pytest.fail(f"the server ended with status {server.process.returncode}:\n{server.text()}")
    try:
        return server.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def worker(servers: Callable[..., Server]) -> Callable[..., Server]:
    """``worker(database_url, environment={…})``: ``manage.py worker`` on that database."""

    def make(database_url: str, *, environment: dict[str, str] | None = None) -> Server:
        process = processes.worker_process()
        return servers(
            process.arguments,
            environment={**project_environment(database_url), **process.environment, **(environment or {})},
        )

    return make


@pytest.fixture
def manage(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """``manage(database_url, "suspend_church", "grace")``: a command in a process of its own."""

    def run(
        database_url: str, *arguments: str, environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*processes.worker_process().arguments[:2], *arguments],
            env={**os.environ, **project_environment(database_url, environment)},
            cwd=processes.ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def _redis_server() -> Iterator[str]:
    program = require_program("redis-server", install="apt-get install redis-server")
    with tempfile.TemporaryDirectory(prefix="redis-") as directory:
        port = free_port()
        server = start(
            [program, "--port", str(port), "--bind", HOST, "--save", "", "--dir", directory],
            output=Path(directory) / "output.txt",
        )
        wait_until(lambda: _listens(port), what="redis-server")
        yield f"redis://{HOST}:{port}/0"
        server.stop()


@pytest.fixture
def redis_url(_redis_server: str) -> str:
    """URL of a real, empty Redis."""
    # Deferred: only tests that use Redis need its client.
    import redis

    with redis.Redis.from_url(_redis_server) as client:
        client.flushall()
    return _redis_server


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


@pytest.fixture
def pgbouncer(servers: Callable[..., Server]) -> Iterator[Callable[..., str]]:
    """``pgbouncer(database_url, pool_mode="transaction", …)``: URL of that database through a PgBouncer.

    Further keyword arguments are lines of pgbouncer.ini, as ``default_pool_size=1``.
    """
    program = require_program("pgbouncer", install="apt-get install pgbouncer")
    directories: list[str] = []

    def make(database_url: str, **settings: object) -> str:
        directory = tempfile.mkdtemp(prefix="pgbouncer-")
        directories.append(directory)
        port = free_port()
        parts = urlsplit(database_url)
        query = parse_qs(parts.query)
        host = query["host"][0] if "host" in query else parts.hostname or HOST
        server_port = parts.port or 5432
        user = unquote(parts.username or "postgres")
        password = f" password={unquote(parts.password)}" if parts.password else ""
        lines = {
            "listen_addr": HOST,
            "listen_port": port,
            "unix_socket_dir": "",
            "auth_type": "any",
            "ignore_startup_parameters": "extra_float_digits,options",
            **settings,
        }
        configuration = Path(directory) / "pgbouncer.ini"
        configuration.write_text(
            f"[databases]\n* = host={host} port={server_port} user={user}{password}\n\n[pgbouncer]\n"
            + "".join(f"{name} = {value}\n" for name, value in lines.items())
        )
        servers([program, *_run_as_owner_of(host, directory), str(configuration)])
        wait_until(lambda: _listens(port), what="pgbouncer")
        return f"postgresql://{user}@{HOST}:{port}{parts.path}"

    yield make
    for directory in directories:
        shutil.rmtree(directory)


def _run_as_owner_of(server_host: str, directory: str) -> list[str]:
    """PgBouncer refuses to run as root: then it runs as whoever may open PostgreSQL's socket."""
    if os.getuid() != 0:
        return []
    uid = Path(server_host).stat().st_uid if server_host.startswith("/") else 0
    user = pwd.getpwuid(uid) if uid else pwd.getpwnam("nobody")
    for path in (Path(directory), *Path(directory).iterdir()):
        os.chown(path, user.pw_uid, user.pw_gid)
    return ["-u", user.pw_name]


@pytest.fixture(scope="session")
def s3_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a store that speaks S3, and forgets all at the end; any key is good there."""
    port = free_port()
    output = tmp_path_factory.mktemp("s3") / "output.txt"
    command = [sys.executable, "-m", "moto.server", "--host", HOST, "--port", str(port)]
    server = start(command, output=output, url=f"http://{HOST}:{port}")
    try:
        wait_until(lambda: _listens(port), what=f"the S3 store at {server.url}")
        yield server.url
    finally:
        server.stop()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of an installed Chromium, for ``playwright.chromium.launch(executable_path=…)``."""
    for program in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(program):
            return found
    return require_program("chromium", install="apt-get install chromium")
