"""Flow F3 on the citizen's pages: the same answer for everybody, the code, the live rules, the secrets, the receipt."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.routing import Mount

from cccd_nfc.api.housekeeping import Housekeeper
from cccd_nfc.desk.citizen_rules import PASSCODE_RULES, PASSWORD_RULES
from cccd_nfc.desk.citizens import HOME, CitizenVisit
from cccd_nfc.desk.settings import IDLE
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.secret_rules import Reason
from cccd_nfc.registry.states import AccountState
from cccd_nfc.spoken.secret_errors_vi import SECRET_ERRORS
from desk.citizen_support import NUMBER, SECRETS, STRANGER, CitizenBrowser, citizen_of
from desk.support import HTMX, OURS, Place, until
from registry_support import PHONE_NUMBER
from secret_support import PASSCODE, PASSWORD, activate_on_web, otp_codes, wrong_code


@pytest.fixture
def citizen(place: Place) -> Iterator[CitizenBrowser]:
    with citizen_of(place) as made:
        yield made


def bare(page: str) -> str:
    """The page without what differs from visit to visit."""
    return re.sub(r'(value|content)="[\w-]{43}"', "", re.sub(r"\d\d:\d\d:\d\d", "", page))


@pytest.mark.row("R-042", "R-043", "R-049", "R-056", "R-057")
def test_r043_an_account_is_activated_in_a_plain_browser_with_no_device(citizen: CitizenBrowser) -> None:
    page = citizen.activate()
    assert "Tài khoản đã được kích hoạt" in page and "Kích hoạt tài khoản trên web" in page
    registry = citizen.place.desk.registry
    assert registry.account(NUMBER).state is AccountState.ACTIVE
    assert registry.devices(NUMBER) == ()
    pdf = citizen.client.get("/me/receipt.pdf")
    assert pdf.content.startswith(b"%PDF")
    assert "Chưa có thiết bị nào" in citizen.log_in()


@pytest.mark.row("R-043", "S-33")
def test_no_officer_is_needed_where_the_registry_has_some(office: Place) -> None:
    with citizen_of(office) as citizen:
        citizen.activate()
        assert "Tài khoản của bạn" in citizen.log_in()
        assert citizen.client.get("/").headers["location"] == "/login"


@pytest.mark.row("R-044", "R-045", "S-13")
def test_r044_s13_everybody_who_asks_gets_the_same_answer(place: Place) -> None:
    activate_on_web(place.desk, NUMBER)
    pages = set()
    for number, phone in ((NUMBER, PHONE_NUMBER), (NUMBER, "0987654321"), (STRANGER, PHONE_NUMBER)):
        before = set(otp_codes(place.desk))
        with citizen_of(place) as citizen:
            pages.add(bare(citizen.ask(number, phone)))
            pages.add(bare(citizen.get("/activate")))
            refused = bare(citizen.post("/activate/code", code="000000"))
            assert "mã không đúng, hoặc không còn hiệu lực" in refused
        sent = set(otp_codes(place.desk)) - before
        assert len(sent) == (number == NUMBER and phone == PHONE_NUMBER)
    assert len(pages) == 1


@pytest.mark.row("S-13")
def test_s13_no_message_is_sent_behind_the_answer_but_by_the_housekeeper(citizen: CitizenBrowser) -> None:
    citizen.ask()
    desk = citizen.place.desk
    assert desk.texts_there() == []
    with Housekeeper(desk.registry, seconds=0.05):
        until(lambda: [text for text in desk.texts_there() if text["kind"] == "otp"])


@pytest.mark.row("R-044")
def test_what_is_no_mobile_number_is_said_beside_its_field(citizen: CitizenBrowser) -> None:
    page = citizen.ask(phone="113")
    assert re.search(r'id="phone-said"[^>]*><p role="alert">.*Nhập 10 chữ số', page)


@pytest.mark.row("R-047", "S-13")
def test_r047_only_the_right_code_tells_that_the_account_is_active(place: Place) -> None:
    activate_on_web(place.desk, NUMBER)
    with citizen_of(place) as citizen:
        citizen.ask()
        told = "Tài khoản của bạn đã thực hiện kích hoạt"
        assert told not in citizen.post("/activate/code", code=wrong_code(citizen.code()))
        assert told in citizen.post("/activate/code", code=citizen.code())
        assert "activate/secrets" not in citizen.seen[-1]


@pytest.mark.row("R-046")
def test_no_secrets_are_set_before_the_code(citizen: CitizenBrowser) -> None:
    citizen.ask()
    citizen.post("/activate/secrets", **SECRETS)
    assert citizen.place.desk.registry.account(NUMBER).state is AccountState.ISSUED
    assert citizen.post("/activate/rules", htmx=True, password=PASSWORD) == ""


@pytest.mark.row("R-049")
def test_a_choice_that_took_too_long_is_told_to_begin_again(citizen: CitizenBrowser) -> None:
    citizen.to_secrets()
    citizen.place.desk.clock.go(minutes=16)
    assert citizen.post("/activate/rules", htmx=True, password=PASSWORD) == ""
    page = citizen.post("/activate/secrets", htmx=True, **SECRETS)
    assert re.search(r'id="form-said"[^>]*><p role="alert">.*bắt đầu lại với mã mới', page)


@pytest.mark.row("R-050", "R-051")
@pytest.mark.parametrize(
    ("typed", "broken"),
    [
        ("Aa1-567", "8 đến 20 ký tự"),
        ("Aa1-" + "xyzuv" * 4, "8 đến 20 ký tự"),
        ("Trăng-sáng", "ít nhất một chữ số"),
        ("trăng-sáng 47", "ít nhất một chữ hoa"),
        ("TRĂNG-SÁNG 47", "ít nhất một chữ thường"),
        ("Trăngsáng47", "ít nhất một ký tự đặc biệt"),
        ("Password1!", "không phải mật khẩu phổ biến"),
        (f"Xq-{PHONE_NUMBER}", "không có tên, ngày sinh, số định danh hay số điện thoại"),
        ("Xq-vneid-83", "không có tên tỉnh"),
    ],
)
def test_r050_r051_each_rule_is_ticked_as_one_types(citizen: CitizenBrowser, typed: str, broken: str) -> None:
    citizen.to_secrets()
    told = citizen.post("/activate/rules", htmx=True, password=typed)
    assert broken in "".join(re.findall(r'<li class="broken">.*', told))
    assert typed not in told


@pytest.mark.row("R-052")
@pytest.mark.parametrize("typed", ["12345", "1234567", "12345a", "１２３４５６"])
def test_r052_a_passcode_that_is_not_six_digits_is_said_to_be_so(citizen: CitizenBrowser, typed: str) -> None:
    citizen.to_secrets()
    told = citizen.post("/activate/rules", htmx=True, passcode=typed)
    assert 'class="broken"' in told and "đúng 6 chữ số" in told
    assert "broken" not in citizen.post("/activate/rules", htmx=True, passcode=PASSCODE)


def test_every_rule_of_secrets_has_its_line_and_its_vietnamese() -> None:
    listed = [reason for reasons in (*PASSWORD_RULES, *PASSCODE_RULES) for reason in reasons]
    assert set(listed) == set(Reason)
    assert {reason.value for reason in Reason} == set(SECRET_ERRORS)


@pytest.mark.row("R-049")
@pytest.mark.parametrize(
    ("wrong", "beside"),
    [
        ({"password": "Trăng"}, "password"),
        ({"passcode": "123456"}, "passcode"),
        ({"answer2": ""}, "answers"),
        ({"question2": "first-school"}, "answers"),
        ({"passcode": ""}, "passcode"),
    ],
)
def test_r049_what_is_missing_or_weak_is_said_beside_its_field(
    citizen: CitizenBrowser, wrong: dict[str, str], beside: str
) -> None:
    citizen.to_secrets()
    for htmx in (True, False):
        page = citizen.post("/activate/secrets", htmx=htmx, **{**SECRETS, **wrong})
        assert re.findall(r'id="(\w+)-said"[^>]*><p role="alert">', page) == [beside]
    assert citizen.place.desk.registry.account(NUMBER).state is AccountState.ISSUED
    assert "Tài khoản đã được kích hoạt" in citizen.post("/activate/secrets", **SECRETS)


@pytest.mark.row("S-36")
def test_no_secret_and_no_whole_number_is_in_any_answer_or_log(
    citizen: CitizenBrowser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    citizen.to_secrets()
    code = citizen.code()
    citizen.post("/activate/rules", htmx=True, password=PASSWORD)
    citizen.post("/activate/secrets", **{**SECRETS, "answer1": "", "passcode": "593818"})
    citizen.post("/activate/secrets", **SECRETS)
    citizen.log_in("sai hẳn")
    citizen.log_in()
    citizen.post("/lock", number=NUMBER, password="sai hẳn")
    answers = [answer for name, answer in SECRETS.items() if name.startswith("answer")]
    for secret in (PASSWORD, PASSCODE, "593818", code, NUMBER, "sai hẳn", *answers):
        assert not any(secret in page for page in citizen.seen), secret
        assert secret not in caplog.text, secret


@pytest.mark.row("S-39")
def test_s39_an_act_without_the_pages_token_or_from_elsewhere_is_refused(citizen: CitizenBrowser) -> None:
    citizen.get("/")
    for headers, fields in ((OURS, {}), (OURS, {"csrf": "x"}), ({"origin": "https://elsewhere.example"}, {})):
        answer = citizen.client.post("/me/activate", data={"number": NUMBER, **fields}, headers=headers)
        assert answer.status_code == 403
    assert citizen.client.get("/me/", headers={"host": "elsewhere.example"}).status_code == 421


@pytest.mark.row("S-39")
def test_s39_a_citizens_token_is_none_of_the_officers_pages(citizen: CitizenBrowser) -> None:
    fields = {"csrf": citizen.csrf(), "number": NUMBER}
    assert citizen.client.post("/card/read", data=fields, headers=HTMX).status_code == 403


@pytest.mark.row("S-39")
def test_every_answer_is_kept_nowhere_and_runs_no_script_of_its_own(citizen: CitizenBrowser) -> None:
    for path in ("/me/", "/me/activate", "/me/login", "/me/lock", "/me/idle"):
        answer = citizen.client.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert not re.search(r"<script(?! src)|\sstyle=|\son\w+=", answer.text)


def test_the_language_is_changed_on_the_same_page(citizen: CitizenBrowser) -> None:
    fields = {"csrf": citizen.csrf(), "lang": "en"}
    came_from = {**OURS, "referer": f"{citizen.place.settings.base_url}/me/lock"}
    answer = citizen.client.post("/me/language", data=fields, headers=came_from)
    assert answer.headers["location"] == "/me/lock"
    page = citizen.get("/lock")
    assert '<html lang="en">' in page and "Lock the account now" in page
    came_from["referer"] = "https://elsewhere.example/me/lock"
    assert citizen.client.post("/me/language", data=fields, headers=came_from).headers["location"] == "/me/"


def test_an_activation_is_forgotten_after_the_idle_time(citizen: CitizenBrowser) -> None:
    citizen.activate()
    citizen.place.seconds += IDLE
    assert citizen.client.get("/me/receipt.pdf").status_code == 404
    assert "Gửi yêu cầu" in citizen.get("/activate")


def test_the_receipt_is_one_that_the_registry_has_signed(citizen: CitizenBrowser) -> None:
    citizen.activate()
    visit = next(each for each in visits_of(citizen) if each.receipt)
    assert verify_receipt(visit.receipt, citizen.place.desk.registry.receipt_key())["act"] == "account-activated"
    assert "Gửi yêu cầu" in citizen.post("/activate/again")
    assert visit.receipt == ""


def visits_of(citizen: CitizenBrowser) -> list[CitizenVisit]:
    """What the citizens' part of the desk keeps."""
    routes = citizen.client.app.routes
    desk = next(each.app.state.desk for each in routes if isinstance(each, Mount) and each.path == HOME)
    return list(desk.visits._found.values())
