"""What the registry gives in writing: answers to authorities, signed; forms; who decided (R-088, R-089, L-15, L-17)."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cccd_nfc.errors import CccdError, NotFoundError, RefusedError, RegistryError, SignatureError, UsageError
from cccd_nfc.registry import signed
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.lock_requests import Paper, RequestKind, RequestView
from cccd_nfc.registry.papers.letter import LETTER_TYPE, verify_letter
from cccd_nfc.registry.papers.sheet import Sheet
from cccd_nfc.registry.request_forms import MOST_LETTERS, FilingChannel, Form, parse_form
from registry_support import Desk

FORM = Form(FilingChannel.POST, "Trần Thị Giả Định", "Điều tra viên", "khóa tài khoản", "phục vụ điều tra")
PAPER = Paper("Cơ quan giả định", "12/YC", date(2026, 6, 1), "Công an tỉnh Giả Định", FORM)
GROUND = LockGround.AUTHORITY_REQUEST
REASON = "văn bản thiếu con dấu"


@pytest.fixture
def number(desk: Desk) -> str:
    return desk.enrol()


def filed(desk: Desk, number: str, paper: Paper = PAPER) -> RequestView:
    return desk.registry.file_request(number, RequestKind.LOCK, GROUND, paper, by="Officer One")


def forwarded(desk: Desk, number: str, paper: Paper = PAPER) -> str:
    return desk.registry.forward_request(filed(desk, number, paper).id, by="Officer Two").id


def refused(desk: Desk, number: str, paper: Paper = PAPER) -> str:
    request = forwarded(desk, number, paper)
    return desk.registry.refuse_request(request, by="Head", role=Role.AGENCY_HEAD, reason=REASON).id


def approved(desk: Desk, number: str) -> str:
    return desk.registry.approve_request(forwarded(desk, number), by="Head", role=Role.AGENCY_HEAD).id


def entries(desk: Desk) -> list[dict[str, str]]:
    return [json.loads(content) for (content,) in desk.place.ask("SELECT content FROM audit ORDER BY seq")]


def written_in(desk: Desk, request: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """All words of the letter, one line after another."""
    said: list[str] = []
    writing = Sheet.text

    def text(sheet: Sheet, words: str, **how: object) -> None:
        said.append(words)
        writing(sheet, words, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Sheet, "text", text)
    desk.registry.documents.letter(request)
    return "\n".join(said)


# --- letters ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("R-089", "L-17", "R-059")
def test_r089_l17_a_refusal_is_a_letter_with_its_reason_and_whom_to_ask(
    desk: Desk, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = written_in(desk, refused(desk, number), monkeypatch)
    for wanted in (
        *("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "CÔNG AN TỈNH GIẢ ĐỊNH"),
        *("Kính gửi: Cơ quan giả định", "văn bản số 12/YC ngày 01 tháng 6 năm 2026", "TỪ CHỐI", f"Lý do: {REASON}"),
        *("điểm đ khoản 1 Điều 34 Luật 26/2023/QH15", "1900.0368", "(Ký, ghi rõ họ tên, đóng dấu)", "Head"),
        "THỦ TRƯỞNG CƠ QUAN QUẢN LÝ CĂN CƯỚC",
    ):
        assert wanted in said, wanted
    assert number not in said
    assert FORM.requester not in said


@pytest.mark.row("R-088")
def test_r088_an_approval_is_a_letter_too(desk: Desk, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = written_in(desk, approved(desk, number), monkeypatch)
    assert "CHẤP THUẬN yêu cầu và đã thực hiện" in said
    assert "Lý do" not in said


def test_under_the_old_decree_the_unit_answers(desk: Desk, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.clock.now = datetime(2024, 2, 7, 9, tzinfo=UTC)
    request = filed(desk, number, Paper("Cơ quan", "1/YC", date(2024, 2, 6))).id
    desk.registry.refuse_request(request, by="Head", role=Role.UNIT_HEAD, reason=REASON)
    said = written_in(desk, request, monkeypatch)
    assert "THỦ TRƯỞNG ĐƠN VỊ" in said
    assert "điểm b khoản 1 Điều 19 Nghị định 59/2022/NĐ-CP" in said
    assert said.startswith("……"), "the unit is written by hand"


@pytest.mark.row("R-089", "L-17")
def test_r089_l17_a_letter_is_the_same_whenever_it_is_asked_for_and_its_digest_is_in_the_log(
    desk: Desk, number: str
) -> None:
    request = refused(desk, number)
    first = desk.registry.documents.letter(request)
    desk.clock.go(days=400)
    assert desk.registry.documents.letter(request) == first
    (entry,) = [each for each in entries(desk) if each["act"] == "lock-request-refused"]
    assert entry["letter"] == first.digest
    said = verify_letter(first.pdf, first.signature, desk.registry.receipt_key())
    assert (said["decision"], said["document"], said["letter"]) == ("refused", "12/YC", first.digest)


def test_letters_of_different_decisions_differ(desk: Desk, number: str) -> None:
    one, two = (desk.registry.documents.letter(refused(desk, number)) for _ in range(2))
    assert one.digest != two.digest
    with pytest.raises(SignatureError, match="not the one that was signed"):
        verify_letter(one.pdf, two.signature, desk.registry.receipt_key())


@pytest.mark.row("R-089")
def test_a_changed_letter_or_a_signature_of_another_kind_is_refused(desk: Desk, number: str) -> None:
    made, key = desk.registry.documents.letter(refused(desk, number)), desk.registry.receipt_key()
    for place in range(0, len(made.pdf), 997):
        changed = made.pdf[:place] + bytes([made.pdf[place] ^ 1]) + made.pdf[place + 1 :]
        with pytest.raises(SignatureError):
            verify_letter(changed, made.signature, key)
    stranger = Ed25519PrivateKey.generate()
    with pytest.raises(SignatureError):
        verify_letter(made.pdf, made.signature, signed.public_key_text(stranger))
    for kind, content in (("cccd-receipt+jwt", {"pdf": "x"}), (LETTER_TYPE, {"pdf": 1})):
        with pytest.raises(CccdError):
            verify_letter(made.pdf, signed.sign(stranger, kind, content), signed.public_key_text(stranger))


def test_before_the_decision_there_is_no_letter(desk: Desk, number: str) -> None:
    with pytest.raises(RefusedError, match="not been decided"):
        desk.registry.documents.letter(forwarded(desk, number))
    with pytest.raises(NotFoundError):
        desk.registry.documents.letter("f" * 32)


# --- who decided ------------------------------------------------------------------------------------------------------


@pytest.mark.row("L-13")
def test_the_log_tells_who_acted_apart_and_names_nobody(desk: Desk, number: str) -> None:
    refused(desk, number)
    said = {each["act"]: each["by"] for each in entries(desk) if each["act"].startswith("lock-request")}
    assert len(set(said.values())) == len(said) == 3
    assert all(re.fullmatch("[0-9a-f]{16}", by) for by in said.values())
    everything = json.dumps(entries(desk), ensure_ascii=False)
    for name in ("Officer", "Head", FORM.requester, REASON, number):
        assert name not in everything
    refused(desk, number)
    again = {each["by"] for each in entries(desk) if each["act"] == "lock-request-refused"}
    assert again == {said["lock-request-refused"]}, "the same person is the same reference"


# --- the form TK03 ----------------------------------------------------------------------------------------------------


@pytest.mark.row("L-15")
@pytest.mark.parametrize("channel", list(FilingChannel))
def test_l15_a_request_carries_its_form_by_every_channel(desk: Desk, number: str, channel: FilingChannel) -> None:
    form = Form(channel, f"  {FORM.requester}\n", FORM.capacity, FORM.content, FORM.reason)
    request = filed(desk, number, Paper("Cơ quan", "1/YC", PAPER.day, PAPER.unit, form))
    assert (request.channel, request.unit) == (channel, PAPER.unit)
    found = desk.registry.documents.form(request.id)
    assert found == Form(channel, FORM.requester, FORM.capacity, FORM.content, FORM.reason)


@pytest.mark.row("L-15")
@pytest.mark.parametrize("field", ["requester", "capacity", "content", "reason"])
@pytest.mark.parametrize("value", ["", " \n", "a" * (MOST_LETTERS + 1)])
def test_l15_a_form_with_an_empty_or_endless_field_is_not_taken(
    desk: Desk, number: str, field: str, value: str
) -> None:
    fields = {"requester": "a", "capacity": "b", "content": "c", "reason": "d", field: value}
    paper = Paper("Cơ quan", "1/YC", PAPER.day, "", Form(FilingChannel.POST, **fields))
    with pytest.raises(UsageError, match="TK03"):
        filed(desk, number, paper)
    assert desk.registry.waiting_requests() == ()


@pytest.mark.row("L-15")
def test_l15_what_a_form_says_of_people_is_not_in_the_clear(desk: Desk, number: str) -> None:
    request = filed(desk, number)
    assert FORM.requester not in str(desk.place.rows())
    assert FORM.requester not in repr(FORM)
    (sealed,) = desk.place.ask("SELECT form FROM lock_request")[0]
    other = filed(desk, number, Paper("Cơ quan", "2/YC", PAPER.day, "", FORM))
    desk.place.change(f"UPDATE lock_request SET form = NULL WHERE id = '{other.id}'")
    assert desk.registry.documents.form(other.id) is None
    swapped = f"UPDATE lock_request SET form = (SELECT form FROM lock_request WHERE id = '{request.id}')"
    desk.place.change(swapped)
    with pytest.raises(RegistryError, match="sealed"):
        desk.registry.documents.form(other.id)
    assert desk.registry.documents.form(request.id) == FORM
    assert sealed


def test_a_form_out_of_json_has_exactly_its_fields() -> None:
    fields = {"channel": "post", "requester": "a", "capacity": "b", "content": "c", "reason": "d"}
    assert parse_form(json.dumps(fields)) == Form(FilingChannel.POST, "a", "b", "c", "d")
    wrong: list[object] = [
        *("", [], "text", None, 7, {}, {**fields, "channel": "fax"}, {**fields, "more": "x"}),
        *({**fields, "reason": 7}, {**fields, "reason": " "}),
    ]
    for content in wrong:
        with pytest.raises(UsageError, match="TK03"):
            parse_form(json.dumps(content) if content != "" else "{")
