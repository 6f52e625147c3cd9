"""The citizen card's own data: EF.DG13 byte for byte, its MRZ, the number, the expiry rule, and whether they agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.errors import CccdError, EncodingError, UsageError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.lds.mrz import parse_mrz
from cccd_nfc.vietnam.card_mrz import birth_date, make_mrz
from cccd_nfc.vietnam.dg13 import FIELDS, CitizenData, encode_dg13, parse_dg13
from cccd_nfc.vietnam.expiry import expiry_of
from cccd_nfc.vietnam.identity import build_identity, consistency
from cccd_nfc.vietnam.names import mrz_names
from cccd_nfc.vietnam.personal_number import parse_personal_number, places

CITIZEN = CitizenData(
    {
        "personal_number": "001099000001",
        "full_name": "Nguyễn Văn Mẫu",
        "birth_date": "01/02/1999",
        "sex": "Nam",
        "nationality": "Việt Nam",
        "ethnicity": "Kinh",
        "religion": "Không",
        "place_of_origin": "Xã Mẫu, Huyện Thử, Hà Nội",
        "residence": "Số 1, Phố Thử, Hà Nội",
        "identifying_features": "Nốt ruồi mẫu",
        "issue_date": "15/03/2021",
        "expiry_date": "01/02/2024",
        "old_number": "012345678",
        "chip_serial": "00112233AABBCCDD",
    },
    father="Nguyễn Văn Cha",
    mother="Trần Thị Mẹ",
)
LINES = ("IDVNM0990000017001099000001<<8", "9902015M2402011VNM<<<<<<<<<<<8", "NGUYEN<<VAN<MAU<<<<<<<<<<<<<<<")
MRZ = parse_mrz("".join(LINES))


def test_dg13_has_the_365_bytes_of_the_example() -> None:
    raw = encode_dg13(CITIZEN)
    assert len(raw) == 365
    assert (
        raw.hex().upper().startswith("6D820169308201650201010606 28D316010008 31820156301102010113 0C".replace(" ", ""))
    )
    assert (
        "302D02010D30130C114E677579E1BB856E2056C4836E2043686130130C115472E1BAA76E205468E1BB8B204DE1BAB9300302010E"
        in (raw.hex().upper())
    )
    assert parse_dg13(raw) == CITIZEN


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=200)


@given(
    st.dictionaries(st.sampled_from([n for n in FIELDS.values() if n not in ("parents", "spouse")]), texts),
    texts,
    texts,
)
def test_any_citizen_survives_the_encoding(values: dict[str, str], father: str, spouse: str) -> None:
    import unicodedata

    def nfc(text: str) -> str:
        return unicodedata.normalize("NFC", text)

    parsed = parse_dg13(encode_dg13(CitizenData(values, father, "", spouse)))
    assert {name: parsed.text(name) for name in values} == {name: nfc(text) for name, text in values.items()}
    assert (parsed.father, parsed.spouse) == (nfc(father), nfc(spouse))


def item(number: int, *values: bytes) -> bytes:
    return tlv.encode(0x30, tlv.encode(0x02, bytes((number,))), *values)


def dg13(*items: bytes) -> bytes:
    body = tlv.encode(0x30, b"\x02\x01\x01", bytes.fromhex("060628D316010008"), tlv.encode(0x31, *items))
    return tlv.encode(0x6D, body)


def utf8(text: str) -> bytes:
    return tlv.encode(0x0C, text.encode())


def test_parents_in_one_sequence_are_read_too() -> None:
    assert (lambda c: (c.father, c.mother))(parse_dg13(dg13(item(13, tlv.encode(0x30, utf8("Cha"), utf8("Mẹ")))))) == (
        "Cha",
        "Mẹ",
    )


def test_a_missing_parent_does_not_move_the_other() -> None:
    raw = dg13(item(13, tlv.encode(0x30), tlv.encode(0x30, utf8("Mẹ"))))
    assert parse_dg13(raw).mother == "Mẹ"


def test_items_are_found_by_number_in_any_order_and_unknown_ones_are_kept() -> None:
    citizen = parse_dg13(dg13(item(9, utf8("x" * 300)), item(33, utf8("?")), item(2, utf8("Đỗ An"))))
    assert (len(citizen.text("residence")), citizen.text("full_name")) == (300, "Đỗ An")
    assert citizen.unknown == {33: utf8("?")}


def test_another_issuers_dg13_is_not_taken_for_ours() -> None:
    with pytest.raises(EncodingError):
        parse_dg13(tlv.encode(0x6D, tlv.encode(0x30, b"\x02\x01\x01", b"\x06\x01\x00", tlv.encode(0x31))))


@given(st.data())
def test_any_damage_ends_in_data_or_an_error_of_ours(data: st.DataObject) -> None:
    raw = bytearray(encode_dg13(CITIZEN))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        parse_dg13(bytes(raw))
    except CccdError:
        return


def test_the_mrz_of_the_card_is_the_example() -> None:
    assert make_mrz("001099000001", date(1999, 2, 1), "M", date(2024, 2, 1), mrz_names("Nguyễn Văn Mẫu")) == LINES


def test_991231_means_no_expiry_and_not_1999() -> None:
    mrz = parse_mrz("".join(make_mrz("001060000001", date(1960, 2, 1), "M", None, "MAU")))
    identity = build_identity(mrz, None, b"", today=date(2026, 1, 1))
    assert identity.no_expiry
    assert identity.expiry_date is None


def test_the_century_of_a_birth_date_is_the_past_one() -> None:
    assert birth_date("260201", today=date(2026, 1, 1)) == date(1926, 2, 1)
    assert birth_date("150201", today=date(2026, 1, 1)) == date(2015, 2, 1)
    assert birth_date("<<<<<<", today=date(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("name", "printed"),
    [("Nguyễn Văn Mẫu", "NGUYEN<<VAN<MAU"), ("Đỗ Đăng Đức", "DO<<DANG<DUC"), ("An", "AN"), ("H'Hen Niê", "H<<HEN<NIE")],
)
def test_names_lose_their_marks(name: str, printed: str) -> None:
    assert mrz_names(name) == printed


@pytest.mark.parametrize(
    ("number", "year", "sex", "place"),
    [
        ("001099000001", 1999, "M", "Hà Nội"),
        ("079301000001", 2001, "F", "Hồ Chí Minh"),
        ("999099000001", 1999, "M", None),
    ],
)
def test_the_number_tells_place_century_and_sex(number: str, year: int, sex: str, place: str | None) -> None:
    told = parse_personal_number(number)
    assert (told.birth_year, told.sex) == (year, sex)
    assert (told.place.name if told.place else None) == place or (place and told.place and place in told.place.name)


def test_the_table_has_63_provinces() -> None:
    assert sum(place.kind == "province" for place in places().values()) == 63
    with pytest.raises(UsageError):
        parse_personal_number("12345")


@pytest.mark.parametrize(
    ("birth", "issued", "expected"),
    [
        (date(1999, 2, 1), date(2021, 3, 15), date(2024, 2, 1)),
        (date(1999, 2, 1), date(2022, 2, 1), date(2039, 2, 1)),
        (date(1985, 5, 10), date(2023, 5, 10), date(2045, 5, 10)),
        (date(1965, 1, 1), date(2023, 1, 1), None),
        (date(2014, 7, 1), date(2024, 8, 1), date(2028, 7, 1)),
        (date(2011, 7, 1), date(2024, 8, 1), date(2036, 7, 1)),
        (date(2000, 2, 29), date(2021, 3, 1), date(2025, 2, 28)),
    ],
)
def test_a_card_runs_to_the_next_milestone_but_one_within_two_years(
    birth: date, issued: date, expected: date | None
) -> None:
    assert expiry_of(birth, issued) == expected


def test_sources_that_agree_give_no_finding() -> None:
    assert consistency(MRZ, CITIZEN) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("personal_number", "001099000002"),
        ("full_name", "Nguyễn Văn Khác"),
        ("birth_date", "02/02/1999"),
        ("sex", "Nữ"),
        ("expiry_date", "Không thời hạn"),
    ],
)
def test_each_disagreement_fails_and_does_not_repeat_the_data(name: str, value: str) -> None:
    findings = [
        f for f in consistency(MRZ, replace(CITIZEN, texts={**CITIZEN.texts, name: value})) if f.severity == "failed"
    ]
    assert len(findings) == 1
    assert value not in findings[0].detail


def test_a_truncated_name_agrees_with_the_whole_one() -> None:
    name = "Công Tằng Tôn Nữ Huyền Trân Bảo Châu Ngọc Lan"
    lines = make_mrz("001099000001", date(1999, 2, 1), "M", date(2024, 2, 1), mrz_names(name))
    assert consistency(parse_mrz("".join(lines)), replace(CITIZEN, texts={**CITIZEN.texts, "full_name": name})) == []


def test_the_numbers_hints_only_warn() -> None:
    lines = make_mrz("001399000001", date(1999, 2, 1), "M", date(2024, 2, 1), mrz_names("Nguyễn Văn Mẫu"))
    citizen = replace(CITIZEN, texts={**CITIZEN.texts, "personal_number": "001399000001"})
    findings = consistency(parse_mrz("".join(lines)), citizen)
    assert {finding.severity for finding in findings} == {"warning"}
