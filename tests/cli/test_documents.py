"""`cccd receipt show`, `paper`, `verify --qr-text`; `cccd request letter`, `form`, `simulate`; `cccd audit publish`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cccd_nfc.errors import CccdError, NotVerifiedError, RefusedError
from cccd_nfc.registry import lock_requests
from cccd_nfc.registry.papers.qr import qr_texts
from cccd_nfc.registry.working_days import WorkingDays
from cccd_nfc.spoken.words import error_advice
from cli.running import Run

FORM = {
    "channel": "post",
    "requester": "Trần Giả Định",
    "capacity": "điều tra viên",
    "content": "khóa",
    "reason": "điều tra",
}
PAPER = ("--agency", "Cơ quan giả định", "--document", "12/YC", "--date", "2026-06-01", "--unit", "Công an giả định")
WEEKS = WorkingDays(frozenset(range(2022, 2200)), frozenset(), frozenset())


@pytest.fixture(autouse=True)
def _calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line has the time of today; a calendar without holidays holds on any day that the tests run."""
    monkeypatch.setattr(lock_requests, "working_days", lambda: WEEKS)


@pytest.fixture
def registry(cccd: Run, made: Path, secrets: dict[str, str], tmp_path: Path) -> tuple[str, str]:
    """--registry of one in which the card's owner has an account."""
    where = ("--registry", f"sqlite:///{tmp_path / 'r' / 'registry.db'}")
    card = ("--reader", f"sim:{made}", "--secret", "number", "--no-photo", "--trust", str(made / "trust"))
    created = cccd(
        "account", "create", *card, *where, "--phone", "0912345678", "--consent", "signed-form", stdin=secrets["number"]
    )
    assert created.code == 0, created.err
    return where


@pytest.fixture
def receipt(cccd: Run, registry: tuple[str, str], made: Path, secrets: dict[str, str], tmp_path: Path) -> Path:
    """The receipt of a lock."""
    path = tmp_path / "receipt.jwt"
    card = ("--reader", f"sim:{made}", "--secret", "number", "--no-photo", "--trust", str(made / "trust"))
    done = cccd(
        "account", "lock", *card, *registry, "--reason", "lost-card", "--yes", "--receipt", str(path),
        stdin=secrets["number"],
    )  # fmt: skip
    assert done.code == 0, done.err
    return path


@pytest.fixture
def request_id(cccd: Run, registry: tuple[str, str], secrets: dict[str, str], tmp_path: Path) -> str:
    """A request with its form that has been forwarded."""
    form = tmp_path / "form.json"
    form.write_text(json.dumps(FORM), encoding="utf-8")
    filing = ("request", "file", "--kind", "lock", *PAPER, "--by", "one", "--form", str(form), *registry)
    found = cccd(*filing, stdin=secrets["number"]).out.strip()
    assert cccd("request", "forward", found, "--by", "two", *registry).code == 0
    return found


@pytest.mark.row("R-023", "R-059", "R-071")
def test_r023_r059_r071_a_receipt_is_shown_with_law_and_whom_to_ask(
    cccd: Run, registry: tuple[str, str], receipt: Path
) -> None:
    shown = cccd("receipt", "show", str(receipt), *registry)
    assert shown.code == 0
    assert "Account locked" in shown.out
    assert "Law 26/2023 Art. 34(1)(a)" in shown.out
    assert "1900.0368" in shown.out
    assert "Share password" in shown.err
    spoken = cccd("--lang", "vi", "receipt", "show", str(receipt), *registry).out
    assert "Điểm a khoản 1 Điều 34 Luật 26/2023/QH15" in spoken
    assert "Công an xã" in spoken


def test_a_paper_is_printed_and_its_codes_are_checked_without_the_registry(
    cccd: Run, registry: tuple[str, str], receipt: Path, tmp_path: Path
) -> None:
    pdf = tmp_path / "receipt.pdf"
    assert cccd("receipt", "paper", str(receipt), "-o", str(pdf), *registry).code == 0
    assert pdf.read_bytes().startswith(b"%PDF-")
    key = cccd("receipt", "key", *registry).out.strip()
    again = cccd("receipt", "paper", str(receipt), "-o", str(tmp_path / "2.pdf"), "--key", key)
    assert (again.code, (tmp_path / "2.pdf").read_bytes()) == (0, pdf.read_bytes())
    typed = "\r\n".join(reversed(qr_texts(receipt.read_text(encoding="ascii").strip()))) + "\r\n\r\nmore"
    checked = cccd("receipt", "verify", "--qr-text", "--key", key, stdin=typed)
    assert (checked.code, "Account locked" in checked.out) == (0, True), checked.err
    assert cccd("receipt", "verify", "--qr-text", "--key", key, stdin="hello\n").code == 4
    assert cccd("receipt", "verify", "--key", key).code == 2
    assert cccd("receipt", "verify", str(receipt), "--qr-text", "--key", key).code == 2
    other = cccd("audit", "key", *registry).out.strip()
    assert cccd("receipt", "verify", "--qr-text", "--key", other, stdin=typed).code == 1
    assert cccd("receipt", "paper", str(receipt), "-o", str(tmp_path / "3.pdf"), "--key", other).code == 1
    assert not (tmp_path / "3.pdf").exists()


@pytest.mark.row("R-089", "L-17")
def test_r089_l17_a_refusal_is_written_and_checked(
    cccd: Run, registry: tuple[str, str], request_id: str, tmp_path: Path
) -> None:
    pdf = tmp_path / "letter.pdf"
    writing = ("request", "letter", request_id, "-o", str(pdf), *registry)
    assert cccd(*writing).code == 1, "not decided yet"
    assert not pdf.exists()
    cccd("request", "refuse", request_id, "--by", "head", "--reason", "thiếu con dấu", "--yes", *registry)
    assert cccd(*writing).code == 0
    key = cccd("receipt", "key", *registry).out.strip()
    checked = cccd("request", "letter", "--verify", str(pdf), "--key", key)
    assert (checked.code, "12/YC, refused" in checked.err) == (0, True), checked.err
    assert cccd("request", "letter", "--verify", str(pdf), *registry).code == 0
    pdf.write_bytes(pdf.read_bytes() + b" ")
    assert cccd("request", "letter", "--verify", str(pdf), "--key", key).code == 1
    for wrong in ((), (request_id,), ("-o", str(pdf)), (request_id, "-o", str(pdf), "--key", key)):
        assert cccd("request", "letter", *wrong, *registry).code == 2


@pytest.mark.row("L-15")
def test_l15_a_form_is_filed_and_shown(
    cccd: Run, registry: tuple[str, str], request_id: str, secrets: dict[str, str], tmp_path: Path
) -> None:
    assert json.loads(cccd("request", "form", request_id, "--json", *registry).out) == FORM
    assert "Trần Giả Định" in cccd("request", "form", request_id, *registry).out
    (listed,) = json.loads(cccd("request", "list", "--json", *registry).out)
    assert (listed["channel"], listed["unit"]) == ("post", "Công an giả định")
    plain = cccd("request", "file", "--kind", "lock", *PAPER, "--by", "one", *registry, stdin=secrets["number"])
    assert "without a form" in cccd("request", "form", plain.out.strip(), *registry).err
    bad = tmp_path / "bad.json"
    bad.write_text("{}", encoding="utf-8")
    filing = ("request", "file", "--kind", "lock", *PAPER, "--by", "one", "--form", str(bad), *registry)
    assert cccd(*filing, stdin=secrets["number"]).code == 2


@pytest.mark.row("S-34")
def test_s34_heads_go_to_the_folder_and_a_database_put_back_is_found(
    cccd: Run, registry: tuple[str, str], receipt: Path, secrets: dict[str, str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    printed = cccd("audit", "publish", *registry)
    assert (printed.code, printed.out.count(".")) == (0, 2), "without a folder it is printed"
    database = tmp_path / "r" / "registry.db"
    before = database.read_bytes()
    folder = tmp_path / "elsewhere"
    monkeypatch.setenv("CCCD_HEADS", str(folder))
    assert cccd("account", "lock", *registry, "--reason", "other", "--yes", stdin=secrets["number"]).code == 0
    quiet = cccd("audit", "publish", *registry)
    assert (quiet.code, quiet.out) == (0, "")
    heads = sorted(folder.iterdir())
    assert heads[-1].read_text(encoding="ascii").strip()
    assert cccd("audit", "verify", *registry).code == 0
    assert "began so" in cccd("audit", "compare", *map(str, heads), *registry).out
    database.write_bytes(before)
    assert cccd("audit", "verify", *registry).code == 1
    compared = cccd("audit", "compare", str(heads[-1]), "--json", *registry)
    assert (compared.code, json.loads(compared.out)[0]["standing"]) == (1, "longer")


@pytest.mark.row("S-34")
def test_s34_a_folder_that_is_away_is_told_of_and_stops_nothing(
    cccd: Run, registry: tuple[str, str], secrets: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    monkeypatch.setenv("CCCD_HEADS", str(tmp_path / "file"))
    locked = cccd("account", "lock", *registry, "--reason", "other", "--yes", stdin=secrets["number"])
    assert (locked.code, "not carried away" in locked.err) == (0, True), locked.err
    assert cccd("audit", "publish", *registry).code == 1


@pytest.mark.row("L-13", "L-08")
def test_l13_l08_clocks_are_simulated_over_a_period(
    cccd: Run, registry: tuple[str, str], request_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    period = ("request", "simulate", "--from", "2026-02-13", "--to", "2026-02-13", *registry)
    found = json.loads(cccd(*period, "--json").out)
    steps = {step["clock"]: step["last_day"] for step in found["steps"]}
    assert steps["decide AUTHORITY_REQUEST"] == "2026-02-25"
    assert steps["issue-level-1"] == "2026-02-23"
    assert [each["request"] for each in found["waiting"]] == [request_id]
    table = cccd(*period).out
    assert "13/02/2026 → 25/02/2026  12  decide the request: request of an authority" in table
    assert request_id in table
    refused = cccd("request", "simulate", "--from", "2026-12-31", "--to", "2026-12-31", *registry)
    assert (refused.code, "2027" in refused.err) == (1, True)
    holidays = tmp_path / "holidays.csv"
    lines = [f"2027-{month:02d}-01,holiday,giả định" for month in range(1, 12)]
    holidays.write_text("\n".join(["day,kind,name", *lines]), encoding="utf-8")
    tried = cccd(
        "request", "simulate", "--from", "2027-01-04", "--to", "2027-01-04", "--holidays", str(holidays), *registry
    )
    assert tried.code == 0, tried.err


@pytest.mark.row("R-059")
@pytest.mark.parametrize("kind", [RefusedError, NotVerifiedError])
def test_r059_every_kind_of_refusal_advises_whom_to_ask(kind: type[CccdError]) -> None:
    said = error_advice(kind("no"))
    assert "Công an xã" in said["vi"]
    assert "hotline 1900.0368" in said["en"]


@pytest.mark.row("R-059")
def test_r059_a_refusal_says_whom_to_ask(cccd: Run, registry: tuple[str, str], request_id: str) -> None:
    refused = cccd("request", "approve", request_id, "--by", "two", "--yes", *registry)
    assert (refused.code, "hotline 1900.0368" in refused.err) == (1, True)
    spoken = cccd("--lang", "vi", "request", "approve", request_id, "--by", "two", "--yes", *registry)
    assert "tổng đài 1900.0368" in spoken.err
