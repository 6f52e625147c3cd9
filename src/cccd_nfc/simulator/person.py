"""An invented person: names, number and dates that fit the rules, of nobody who lives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from cccd_nfc.simulator.seeded import SeededBytes
from cccd_nfc.vietnam.dg13 import CitizenData
from cccd_nfc.vietnam.expiry import expiry_of
from cccd_nfc.vietnam.personal_number import places

SURNAMES = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
)
MIDDLE = {"M": ("Văn", "Hữu", "Đức", "Minh", "Quốc", "Gia"), "F": ("Thị", "Ngọc", "Thu", "Thanh", "Mỹ", "Khánh")}
GIVEN = {
    "M": ("Mẫu", "Thử", "An", "Bình", "Dũng", "Đạt", "Hiếu", "Khôi", "Long", "Phúc", "Sơn", "Tùng"),
    "F": ("Mẫu", "Thử", "Anh", "Chi", "Diệp", "Hạnh", "Hương", "Lan", "Linh", "Oanh", "Thảo", "Yến"),
}
STREETS = ("Phố Thử", "Đường Mẫu", "Ngõ Giả Lập", "Đường Ví Dụ")
SEXES = {"M": "Nam", "F": "Nữ"}


@dataclass(frozen=True, slots=True)
class Person:
    """expires: None for a card without an end."""

    number: str
    full_name: str
    birth: date
    sex: str
    issued: date
    expires: date | None
    citizen: CitizenData


def invent(random: SeededBytes, today: date, born: date | None = None) -> Person:
    """A grown-up, or somebody `born` on that day, whose card was issued in the last years and is valid at `today`."""
    sex = random.choice("MF")
    grown_up = today - timedelta(days=365 * 20 + random.below(365 * 50))
    birth = born or grown_up
    issued = max(today - timedelta(days=30 + random.below(600)), birth + timedelta(days=1))
    expires = expiry_of(birth, issued)
    provinces = [place for place in places().values() if place.kind == "province"]
    province = random.choice(provinces)
    century = 2 * ((birth.year - 1900) // 100) + (sex == "F")
    number = f"{province.code}{century}{birth:%y}{random.digits(6)}"
    surname = random.choice(SURNAMES)
    name = _name(random, surname, sex)
    citizen = CitizenData(
        texts={
            "personal_number": number,
            "full_name": name,
            "birth_date": f"{birth:%d/%m/%Y}",
            "sex": SEXES[sex],
            "nationality": "Việt Nam",
            "ethnicity": "Kinh",
            "religion": "Không",
            "place_of_origin": f"Xã Mẫu, Huyện Thử, {province.name}",
            "residence": f"Số {1 + random.below(200)}, {random.choice(STREETS)}, {province.name}",
            "identifying_features": "Nốt ruồi mẫu cách 1 cm dưới mắt trái",
            "issue_date": f"{issued:%d/%m/%Y}",
            "expiry_date": f"{expires:%d/%m/%Y}" if expires else "Không thời hạn",
            "old_number": random.digits(9),
            "chip_serial": random(8).hex().upper(),
        },
        father=_name(random, surname, "M"),
        mother=_name(random, random.choice(SURNAMES), "F"),
        spouse=_name(random, random.choice(SURNAMES), "F" if sex == "M" else "M") if random.below(2) else "",
    )
    return Person(number, name, birth, sex, issued, expires, citizen)


def _name(random: SeededBytes, surname: str, sex: str) -> str:
    return f"{surname} {random.choice(MIDDLE[sex])} {random.choice(GIVEN[sex])}"
