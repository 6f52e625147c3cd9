"""Keys of the registry that a PKCS#11 token wraps: a real module (SoftHSM), and how it refuses (S-37)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cccd_nfc.errors import CccdError, RegistryUnavailableError, UsageError
from cccd_nfc.registry import key_files
from cccd_nfc.registry.key_files import WRAPPED
from cccd_nfc.registry.key_ring import KeyKind
from cccd_nfc.registry.key_token import VARIABLE, token_of
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.restoring import restore
from cccd_nfc.registry.sealed_file import Passphrase
from registry_places import SqlitePlace, only_sqlite
from registry_processes import open_registry
from registry_support import Desk

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
MODULE = next((path for path in MODULES if Path(path).exists()), "")
pytestmark = pytest.mark.skipif(not MODULE and "CI" not in os.environ, reason="softhsm2 is not installed")
"""The tests are of SQLite alone: the keys lie in files, whichever database there is."""
PIN = "4711"


@pytest.fixture(scope="module", autouse=True)
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One token for the whole module: a module reads its settings once."""
    folder = tmp_path_factory.mktemp("tokens")
    (folder / "kept").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'kept'}\nlog.level = ERROR\n")
    (folder / "pin").write_text(PIN + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        command = ["softhsm2-util", "--init-token", "--free", "--label", "police", "--pin", PIN, "--so-pin", "0815"]
        subprocess.run(command, check=True, capture_output=True)
        yield folder


@pytest.fixture
def named(tokens: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URI of the token, set in the environment."""
    uri = f"pkcs11:token=police;object=cccd?module-path={MODULE}&pin-source=file:{tokens / 'pin'}"
    monkeypatch.setenv(VARIABLE, uri)
    return uri


def keys(desk: Desk) -> list[Path]:
    return sorted((desk.folder / "keys").glob("*.key"))


@only_sqlite
@pytest.mark.row("S-37")
def test_s37_wrapped_keys_open_the_registry_with_the_token_and_not_without(
    desk: Desk, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.enrol()
    plain = [path.read_bytes() for path in keys(desk)]
    assert key_files.wrap_all(desk.folder / "keys") == len(plain)
    assert key_files.wrap_all(desk.folder / "keys") == 0, "once"
    for path, key in zip(keys(desk), plain, strict=True):
        assert path.read_bytes().startswith(WRAPPED) and key not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0
    desk.registry.close()
    desk.registry = open_registry(desk.place, desk.clock)
    assert desk.registry.account(number).number == number
    desk.bind(Phone.new())
    desk.registry.close()
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(RegistryUnavailableError, match="wrapped by a token"):
        open_registry(desk.place, desk.clock)


@only_sqlite
@pytest.mark.row("S-37")
def test_s37_a_new_registry_and_a_new_key_are_wrapped_from_the_beginning(
    desk: Desk, named: str, tmp_path: Path
) -> None:
    token = token_of()
    assert token is not None
    token.make_key()
    new = open_registry(SqlitePlace.new(tmp_path / "new"), desk.clock)
    new.rotate_key(KeyKind.OUTBOX, approved_by=("one", "two"))
    made = list((tmp_path / "new" / "keys").glob("*.key"))
    assert len(made) == 11
    assert all(path.read_bytes().startswith(WRAPPED) for path in made)
    new.close()


@only_sqlite
@pytest.mark.row("S-37")
def test_s37_a_backup_serves_without_the_token_and_what_is_restored_is_wrapped(
    desk: Desk, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.enrol()
    key_files.wrap_all(desk.folder / "keys")
    secret = Passphrase("a passphrase that is long enough")
    desk.registry.back_up(tmp_path / "backup", secret, with_keys=True)
    for place in ("with", "without"):
        if place == "without":
            monkeypatch.delenv(VARIABLE)
        folder = tmp_path / place
        restore(tmp_path / "backup", secret, f"sqlite:///{folder / 'registry.db'}", folder, desk.clock())
        kept = [path.read_bytes().startswith(WRAPPED) for path in (folder / "keys").glob("*.key")]
        assert set(kept) == {place == "with"}
    assert number


@only_sqlite
@pytest.mark.row("S-37", "S-38")
def test_s37_a_wrong_pin_a_foreign_token_and_a_changed_file_open_nothing(
    desk: Desk, named: str, tokens: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_files.wrap_all(desk.folder / "keys")
    desk.registry.close()
    (tokens / "wrong").write_text("0000")
    for wrong in (
        *(named.replace("/pin", "/wrong"), named.replace("token=police", "token=other")),
        *(named.replace("object=cccd", "object=other"), named.replace(MODULE, "/nowhere.so")),
    ):
        monkeypatch.setenv(VARIABLE, wrong)
        with pytest.raises(RegistryUnavailableError, match="token"):
            open_registry(desk.place, desk.clock)
    monkeypatch.setenv(VARIABLE, named)
    one, other = keys(desk)[:2]
    content = one.read_bytes()
    for changed in (content[:-1] + bytes([content[-1] ^ 1]), content[:-1], WRAPPED, other.read_bytes()):
        one.write_bytes(changed)
        with pytest.raises(RegistryUnavailableError, match="token"):
            open_registry(desk.place, desk.clock)


@pytest.mark.parametrize(
    "uri", ["pkcs12:token=a", "pkcs11:token=a;object=b", "pkcs11:token=a;object=b?module-path=m&pin-source=file:/none"]
)
def test_a_token_that_is_named_wrongly_is_said(uri: str) -> None:
    with pytest.raises(UsageError, match="CCCD_KEYS_TOKEN"):
        token_of({VARIABLE: uri})


@only_sqlite
def test_nothing_is_wrapped_without_a_token(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(CccdError, match="name the token"):
        key_files.wrap_all(desk.folder / "keys")
