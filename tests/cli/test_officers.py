"""`cccd officer`, `unit`, `station`, `propose`, `approve`: a desk with officers, through the command line."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest

from cccd_nfc.cli.officer_words import OFFICER_WORDS, PROPOSAL_KINDS, ROLES, UNIT_KINDS
from cccd_nfc.cli.registry_session import session_path
from cccd_nfc.registry.four_eyes import Kind
from cccd_nfc.registry.permissions import OfficerRole, UnitKind
from cli.running import Result, Run

PASSWORD = "mot mat khau kha dai 1"
Call = Callable[..., Result]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'r' / 'registry.db'}"


@pytest.fixture
def call(cccd: Run, url: str) -> Call:
    def run(*words: str, stdin: str = "") -> Result:
        return cccd(*words, "--registry", url, stdin=stdin)

    return run


class Colleagues:
    """Officers who log in at one machine, one after the other."""

    def __init__(self, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
        self.call, self.patch = call, monkeypatch
        self.seeds: dict[str, str] = {}
        self.now = time.time()

    def add(self, login: str, role: str, unit: str = "XA") -> Result:
        words = ("officer", "add", login, "--name", "Tên", "--unit", unit, "--role", role)
        done = self.call(*words, stdin=PASSWORD + "\n")
        found = re.search(r"^otpauth://\S+$", done.out, re.MULTILINE)
        assert found, done.err
        seed = pyotp.parse_uri(found[0]).secret
        assert isinstance(seed, str)
        self.seeds[login] = seed
        return done

    def secrets(self, login: str) -> str:
        """Password and a code that was not used yet: half a minute goes by."""
        self.now += 30
        moment = datetime.fromtimestamp(self.now, UTC)
        self.patch.setattr(
            "cccd_nfc.registry.clock.datetime", type("Fixed", (datetime,), {"now": lambda _=None: moment})
        )
        return f"{PASSWORD}\n{pyotp.TOTP(self.seeds[login]).at(moment)}\n"

    def login(self, login: str, *more: str) -> Result:
        done = self.call("officer", "login", login, *more, stdin=self.secrets(login))
        assert done.code == 0, done.err
        return done


@pytest.fixture
def colleagues(call: Call, monkeypatch: pytest.MonkeyPatch) -> Colleagues:
    """The administrator is logged in."""
    assert call("unit", "add", "XA", "--name", "Xã", "--kind", "commune").code == 0
    assert call("unit", "add", "BO", "--name", "Bộ", "--kind", "ministry").code == 0
    people = Colleagues(call, monkeypatch)
    people.add("admin", "administrator")
    people.login("admin")
    return people


def test_the_seed_is_shown_once_as_a_uri_and_as_a_picture(call: Call, colleagues: Colleagues) -> None:
    done = colleagues.add("binh", "receiving")
    assert "not shown again" in done.err
    assert len([line for line in done.err.splitlines() if "█" in line or "▀" in line or "▄" in line]) > 15
    listed = json.loads(call("officer", "list", "--json").out)
    assert [(each["login"], each["roles"], each["enabled"]) for each in listed] == [
        ("admin", ["administrator"], True), ("binh", ["receiving"], True)
    ]  # fmt: skip
    assert colleagues.seeds["binh"] not in call("officer", "list", "--json").out
    assert "receiving officer" in call("officer", "list").out


@pytest.mark.row("S-33")
def test_s33_without_a_login_nothing_goes_once_there_are_officers(
    call: Call, colleagues: Colleagues, secrets: dict[str, str]
) -> None:
    assert call("officer", "logout").code == 0
    for words in (("account", "show"), ("officer", "list"), ("account", "lock", "--reason", "other", "--yes")):
        done = call(*words, stdin=secrets["number"] + "\n")
        assert (done.code, "log in first" in done.err) == (1, True), words
    assert call("registry", "check").code == 0


@pytest.mark.row("S-32")
def test_s32_the_session_lies_in_a_file_of_its_owner_and_ends_with_the_logout(
    call: Call, colleagues: Colleagues, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = session_path(url)
    assert path.stat().st_mode & 0o777 == 0o600
    token = path.read_text().strip()
    path.chmod(0o644)
    assert "others can read" in call("officer", "list").err
    monkeypatch.setenv("CCCD_SESSION", token)
    assert call("officer", "list").code == 0
    monkeypatch.delenv("CCCD_SESSION")
    path.chmod(0o600)
    done = call("officer", "step-up", stdin=colleagues.secrets("admin"))
    assert done.code == 0, done.err
    assert path.read_text().strip() != token
    monkeypatch.setenv("CCCD_SESSION", token)
    assert "session has ended" in call("officer", "list").err
    monkeypatch.delenv("CCCD_SESSION")
    assert call("officer", "logout").code == 0
    assert not path.exists()


def test_an_officer_is_disabled_and_enabled_and_renewed(call: Call, colleagues: Colleagues) -> None:
    colleagues.add("binh", "receiving")
    assert call("officer", "disable", "binh", "--yes").code == 0
    assert call("officer", "login", "binh", stdin=colleagues.secrets("binh")).code == 1
    assert call("officer", "enable", "binh").code == 0
    done = call("officer", "renew", "binh", stdin="another password 2\n")
    assert (done.code, done.out.startswith("otpauth://")) == (0, True)
    assert call("officer", "login", "binh", stdin=colleagues.secrets("binh")).code == 1


@pytest.mark.row("R-058", "R-060")
def test_r058_r060_an_officer_at_a_station_looks_and_binds_by_grade_a(
    cccd: Run, call: Call, colleagues: Colleagues, made: Path, secrets: dict[str, str], tmp_path: Path, url: str
) -> None:
    for name in ("station", "phone", "duty"):
        cccd("device", "new-key", "-o", str(tmp_path / name))
    key = str(tmp_path / "station" / "public.pem")
    station = call("station", "add", "Bàn 1", "--unit", "XA", "--key", key).out.strip()
    assert call("officer", "phone", "admin", "--key", str(tmp_path / "duty" / "public.pem")).code == 0
    colleagues.add("binh", "receiving")
    colleagues.login("binh", "--station", station, "--station-key", str(tmp_path / "station" / "private.pem"))
    reader = ("--reader", f"sim:{made}", "--secret", "number", "--no-photo", "--trust", str(made / "trust"))
    number = secrets["number"] + "\n"
    created = call("account", "create", "--phone", "0912345678", "--consent", "signed-form", *reader, stdin=number)
    assert created.code == 0, created.err
    for bad in ("station", "duty"):
        done = call("activate", *reader, "--device", str(tmp_path / bad / "public.pem"), "--yes", stdin=number)
        assert (done.code, "A12" in done.err) == (1, True)
    phone = ("--device", str(tmp_path / "phone" / "public.pem"), "--phone-key", str(tmp_path / "phone" / "private.pem"))
    done = call("activate", *reader, *phone, "--same-person", "--yes", stdin=number + "000000\n")
    assert (done.code, "code is wrong" in done.err) == (1, True)
    colleagues.login("admin")
    (listed,) = json.loads(call("station", "list", "--json").out)
    assert (listed["id"], listed["unit_kind"], listed["enabled"]) == (station, "commune", True)
    assert call("station", "disable", station).code == 0
    assert "disabled" in call("station", "list").out
    assert call("station", "enable", station).code == 0
    assert [each["code"] for each in json.loads(call("unit", "list", "--json").out)] == ["BO", "XA"]
    assert "ministry" in call("unit", "list").out


@pytest.mark.row("AS-15", "S-33")
def test_as15_two_people_close_an_account(
    call: Call, colleagues: Colleagues, made: Path, secrets: dict[str, str]
) -> None:
    colleagues.add("binh", "receiving")
    for login in ("one", "two"):
        colleagues.add(login, "agency-head", "BO")
    number = secrets["number"] + "\n"
    reader = ("--reader", f"sim:{made}", "--secret", "number", "--no-photo", "--trust", str(made / "trust"))
    colleagues.login("binh")
    assert (
        call("account", "create", "--phone", "0912345678", "--consent", "signed-form", *reader, stdin=number).code == 0
    )
    colleagues.login("one")
    assert "No proposal" in call("proposals").err
    proposal = call("propose", "close-account", "--reason", "số bị hủy", stdin=number).out.strip()
    assert call("approve", proposal, "--yes").code == 1
    colleagues.login("two")
    (waiting,) = json.loads(call("proposals", "--json").out)
    assert (waiting["id"], waiting["kind"], waiting["reason"]) == (proposal, "close-account", "số bị hủy")
    assert proposal in call("proposals").out
    assert call("approve", proposal, "--yes").code == 0
    assert json.loads(call("account", "show", "--json", stdin=number).out)["state"] == "CLOSED"
    other = call("propose", "mass-export", "--reason", "thống kê", "--subject", "2026").out.strip()
    colleagues.login("one")
    assert "Rejected" in call("approve", other, "--reject", "--yes").err


def test_every_role_unit_and_kind_has_its_words() -> None:
    assert set(ROLES) == {role.value for role in OfficerRole}
    assert set(UNIT_KINDS) == {kind.value for kind in UnitKind}
    assert set(PROPOSAL_KINDS) == {kind.value for kind in Kind}
    every = [OFFICER_WORDS, ROLES, UNIT_KINDS, PROPOSAL_KINDS]
    assert all(set(text) == {"vi", "en"} and all(text.values()) for words in every for text in words.values())
