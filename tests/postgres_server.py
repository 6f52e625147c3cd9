"""A PostgreSQL server of a test's own: started in a folder, ended with it."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

USER, PASSWORD = "postgres", "vua-du-kho"
PATIENCE = 30


class NoServerError(Exception):
    """This machine has no program of PostgreSQL."""


@dataclass
class Server:
    """One server. Its folder stays when it is ended, so that it can be started again."""

    programs: Path
    folder: Path
    port: int
    settings: dict[str, str | int]
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://{USER}:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        """The files of a new server, which asks for a password."""
        (self.folder / "password").write_text(PASSWORD)
        (self.folder / "password").chmod(0o644)
        how = ("--auth=scram-sha-256", "--encoding=utf8", "--locale=C", "--no-sync", f"--username={USER}")
        command = [self.programs / "initdb", "-D", self.folder / "data", *how, f"--pwfile={self.folder / 'password'}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE, **as_nobody())

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        settings = {"listen_addresses": "127.0.0.1", "port": self.port, **self.settings}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder / "data", *options]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **as_nobody()
        )
        waiting = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        subprocess.run(["sh", "-c", 'until "$@"; do sleep 0.05; done', "wait", *waiting], check=True, timeout=PATIENCE)

    def end(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT breaks off what runs and closes in order; SIGQUIT leaves everything as it lies, as a crash does."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)
            self.process = None


def as_nobody() -> dict[str, Any]:
    """How to start a program that refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


_FOR_TESTS: dict[str, str | int] = {"fsync": "off", "max_connections": 60}
"""Tests outlive no power cut: nothing is synced."""


@contextmanager
def new_server(**settings: str | int) -> Iterator[Server]:
    """A running server of its own, as tests need it or with these settings; NoServerError when there is no program."""
    folder = Path(tempfile.mkdtemp(prefix="cccd-postgres-"))
    try:
        if os.geteuid() == 0:
            os.chown(folder, as_nobody()["user"], as_nobody()["group"])
        server = Server(_reachable(programs(), folder), folder, _free_port(), settings or _FOR_TESTS)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def programs() -> Path:
    """The folder of the programs: what pgserver brings, else what the system has. pgserver itself is not imported: it
    opens every folder above its own to everybody."""
    package = importlib.util.find_spec("pgserver")
    brought = [Path(place) / "pginstall" / "bin" for place in (package and package.submodule_search_locations) or ()]
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = [Path(found).resolve().parent for found in (shutil.which("initdb"),) if found]
    for folder in (*brought, *system, *path):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoServerError("no PostgreSQL: neither pgserver nor the system's")


def _reachable(programs: Path, folder: Path) -> Path:
    """The programs, copied when their folder is closed to the user who is to run them, as a home of root is."""
    try:
        subprocess.run([programs / "postgres", "--version"], check=True, stdout=subprocess.DEVNULL, **as_nobody())
    except (OSError, subprocess.CalledProcessError):
        package = programs.parent.parent
        for source in (package, *package.parent.glob(f"{package.name}.libs")):
            shutil.copytree(source, folder / source.name)
        return folder / package.name / "pginstall" / "bin"
    return programs


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
