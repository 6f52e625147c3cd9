"""The house stays as docs/architecture.md draws it: who may import whom, no cycles, heavy packages in their rooms."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src"
PACKAGE = "cccd_nfc"

FLOORS = (
    ("sentences",),
    ("errors",),
    ("atomic_file", "log_masking"),
    ("evidence",),
    ("report",),
    ("spoken",),
    ("iso7816",),
    ("crypto",),
    ("lds", "transport"),
    ("pki", "vietnam"),
    ("protocol",),
    ("simulator",),
    ("inspection",),
    ("readers", "registry"),
    ("api",),
    ("desk",),
    ("cli",),
    ("__main__",),
)
"""From the ground up. A room imports itself and the floors below it, not its neighbour on the same floor."""

HEAVY = {
    "smartcard": {"transport.pcsc"},
    "nfc": {"transport.nfc", "simulator.nfc_udp"},
    "usb1": {"transport.nfc"},
    "PIL": {"lds.portrait", "simulator.portrait"},
    "sqlalchemy": {"registry"},
    "alembic": {"registry"},
    "fastapi": {"api", "desk"},
    "jinja2": {"desk.pages"},
    "uvicorn": {"api.serving", "desk.serving"},
    "httpx2": {"api.client", "api.client_http", "registry.gateway_http"},
    "pkcs11": {"registry.key_token"},
    "rich": {"cli"},
    "click": {"cli"},
}
"""Packages that cost start-up time or that are not always installed -> where they may be imported."""

Import = tuple[str, bool]
"""(module, whether it is imported when the importing module is)"""


@cache
def modules() -> dict[str, Path]:
    """Every module of the package by its name inside it ("crypto.kdf") -> its file."""
    found = {}
    for path in sorted((SOURCE / PACKAGE).rglob("*.py")):
        parts = path.relative_to(SOURCE / PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports(module: str) -> tuple[Import, ...]:
    """What `module` imports, absolute; imports for the type checker alone do not count."""
    tree = ast.parse(modules()[module].read_text(encoding="utf-8"))
    return tuple(_walk(tree, at_once=True))


def _walk(node: ast.AST, *, at_once: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from ((alias.name, at_once) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"a relative import of {child.module}"
            yield from ((f"{child.module}.{alias.name}", at_once) for alias in child.names)
        elif not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)):
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from _walk(child, at_once=at_once and not inside)


def ours(module: str) -> Iterator[str]:
    """The modules of the package that `module` imports, at once or later."""
    for name, _ in imports(module):
        if name.split(".")[0] == PACKAGE:
            relative = name.removeprefix(PACKAGE).removeprefix(".")
            yield relative if relative in modules() else relative.rpartition(".")[0]


def floor(module: str) -> int:
    room = module.split(".")[0]
    found = [number for number, rooms in enumerate(FLOORS) if room in rooms]
    assert found, f"{room} has no floor yet: draw it into docs/architecture.md and into FLOORS"
    return found[0]


def test_every_room_imports_only_rooms_below_it() -> None:
    wrong = [
        f"{module} imports {other}"
        for module in modules()
        if module
        for other in ours(module)
        if other and other.split(".")[0] != module.split(".")[0] and floor(other) >= floor(module)
    ]
    assert wrong == []


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {module: set(ours(module)) - {module} for module in modules()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"import cycle: {' -> '.join(error.args[1])}")


def test_heavy_packages_stay_in_their_rooms() -> None:
    wrong = [
        f"{module} imports {name}"
        for module in modules()
        for name, _ in imports(module)
        for package in (name.split(".")[0],)
        if package in HEAVY and not any(f"{module}.".startswith(f"{room}.") for room in HEAVY[package])
    ]
    assert wrong == []


@pytest.mark.parametrize("package", ["smartcard", "nfc", "usb1", "PIL"])
def test_what_may_be_missing_is_imported_inside_functions_only(package: str) -> None:
    wrong = [
        module for module in modules() for name, at_once in imports(module) if name.startswith(package) and at_once
    ]
    assert wrong == []


@pytest.mark.parametrize(("module", "allowed"), [("cccd_nfc", set()), ("cccd_nfc.cli.main", {"click"})])
def test_nothing_heavy_is_imported_at_the_start(module: str, allowed: set[str]) -> None:
    program = f"import {module}, sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(ran.stdout.split()) & (set(HEAVY) | {"ecdsa", "cryptography", "Crypto", "asn1crypto"}) <= allowed
