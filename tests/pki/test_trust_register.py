"""The register as a value: what its file keeps and refuses, what merges, which list takes another's place."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.errors import EncodingError, UsageError
from cccd_nfc.pki.defect_list import DEFECT_LIST
from cccd_nfc.pki.deviation_list import DEVIATION_LIST
from cccd_nfc.pki.trust_register import CSCA_KINDS, Entry, Kind, Origin, Register, pinned
from cccd_nfc.pki.trust_store import Tier
from pki.issuing import NOW, Holder, crl, csca, document_signer
from pki.listing import DEFECTS, DEVIATIONS, list_signer, signed_list

ONE, TWO, THREE = csca(1), csca(2), csca(3)
BY_HAND, FROM_NOBODY = Origin(Tier.PINNED, "one.cer", "2026-06-01T00:00:00Z"), Origin(Tier.UNSIGNED, "bundle.pem")


def from_list(day: str, country: str = "DE") -> Origin:
    """What came in the list that `country` signed on that day."""
    return Origin(
        Tier.NATIONAL, f"{country}-{day}.ml", "2026-06-01T00:00:00Z", "CN=signer", country, f"{day}T00:00:00Z"
    )


def entry(holder: Holder, *origins: Origin, kind: Kind = Kind.CSCA) -> Entry:
    return Entry(kind, holder.parsed.raw, origins or (BY_HAND,))


def register(*entries: Entry) -> Register:
    return Register().with_entries(entries)


def edited(change: Callable[[dict[str, Any]], None]) -> Register:
    """A register of ONE and TWO, read again after `change` was made to what its file says of ONE."""
    content = json.loads(register(entry(ONE), entry(TWO)).to_bytes())
    change(content["entries"][0])
    return Register.from_bytes(json.dumps(content).encode())


# --- the file -------------------------------------------------------------------------------------------------------

ORIGINS = st.builds(Origin, st.sampled_from(Tier), st.text(), st.text(), st.text(), st.text(), st.text())
RAW = st.one_of(st.binary(), st.sampled_from([ONE.parsed.raw, document_signer(ONE).parsed.raw, crl(ONE).raw]))
ENTRIES = st.builds(Entry, st.sampled_from(Kind), RAW, st.lists(ORIGINS, min_size=1, max_size=3).map(tuple))


@given(st.lists(ENTRIES, max_size=4))
def test_what_is_written_is_read_again(entries: list[Entry]) -> None:
    written = register(*entries)
    found = Register.from_bytes(written.to_bytes())
    assert found == written
    assert list(found.entries) == list(written.entries)


def test_the_file_can_be_read_by_people() -> None:
    (row,) = json.loads(register(entry(ONE)).to_bytes())["entries"]
    assert (row["sha256"], row["kind"], row["country"]) == (ONE.parsed.fingerprint, "csca", "UT")
    assert (row["subject"], row["valid"]) == (ONE.parsed.subject_text, "2020-01-01 / 2035-01-01")
    assert row["origins"] == [{"tier": "pinned", "source": "one.cer", "added_at": "2026-06-01T00:00:00Z"}]


def test_what_people_read_decides_nothing() -> None:
    found = edited(lambda row: row.update(subject="C=XX, CN=another", country="XX", valid="always"))
    assert found == register(entry(ONE), entry(TWO))


def test_an_entry_whose_bytes_are_not_those_of_its_sha_256_is_skipped_with_a_record() -> None:
    for change in ({"data": base64.b64encode(THREE.parsed.raw).decode()}, {"sha256": THREE.parsed.fingerprint}):
        found = edited(lambda row, change=change: row.update(change))  # type: ignore[misc]
        assert list(found.entries) == [TWO.parsed.fingerprint]
        (skipped,) = found.skipped
        assert "not those of its SHA-256" in skipped.reason


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "root"},
        {"kind": []},
        {"data": "no base64!"},
        {"data": None},
        {"data": 5},
        {"origins": None},
        {"origins": ["pinned"]},
        {"origins": "pinned"},
        {"origins": [{"source": "x"}]},
        {"origins": [{"tier": "best"}]},
        {"origins": []},
        {"sha256": None},
    ],
)
def test_a_row_that_cannot_be_read_is_skipped_with_a_record(change: dict[str, Any]) -> None:
    found = edited(lambda row: row.update(change))
    assert list(found.entries) == [TWO.parsed.fingerprint]
    assert len(found.skipped) == 1
    assert found.skipped[0].reason
    assert found.to_store().skipped == found.skipped


@pytest.mark.parametrize("field", ["sha256", "kind", "origins", "data"])
def test_a_row_without_one_of_its_fields_is_skipped(field: str) -> None:
    found = edited(lambda row: row.pop(field))
    assert (list(found.entries), len(found.skipped)) == ([TWO.parsed.fingerprint], 1)


@pytest.mark.parametrize("rows", [["x", 1, None, []], {"a": 1}, "ab"])
def test_rows_that_are_none_are_skipped(rows: Any) -> None:
    content = {"format": "cccd-nfc-trust", "version": 1, "entries": rows}
    found = Register.from_bytes(json.dumps(content).encode())
    assert (dict(found.entries), len(found.skipped)) == ({}, len(rows))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"5",
        b"{}",
        b'{"format": "cccd-nfc-trust", "version": 2, "entries": []}',
        b'{"format": "cccd-nfc-evidence", "version": 1, "entries": []}',
        b'{"format": "cccd-nfc-trust", "version": 1}',
        b'{"format": "cccd-nfc-trust", "version": 1, "entries": 3}',
        b"[" * 100_000,
    ],
)
def test_another_file_is_refused(content: bytes) -> None:
    with pytest.raises(EncodingError, match="trust register"):
        Register.from_bytes(content)


@given(st.integers(0, 400), st.binary(min_size=1, max_size=3))
def test_damage_ends_in_a_register_or_our_error(at: int, damage: bytes) -> None:
    raw = register(entry(ONE, from_list("2025-01-01"))).to_bytes()
    at = at % len(raw)
    try:
        found = Register.from_bytes(raw[:at] + damage + raw[at + len(damage) :])
    except EncodingError:
        return
    assert all(hashlib.sha256(each.raw).hexdigest() == key for key, each in found.entries.items())


def test_a_certificate_with_bytes_behind_it_is_skipped_and_no_anchor() -> None:
    """Its SHA-256 is right, but it is not that of the certificate: the tier would be looked up under another name."""
    longer = Entry(Kind.CSCA, ONE.parsed.raw + b"\x00", (FROM_NOBODY,))
    store = register(longer, entry(TWO)).to_store()
    assert store.anchors == (TWO.parsed,)
    assert len(store.skipped) == 1


def test_entries_become_what_their_kind_says() -> None:
    signer, revoking = document_signer(ONE), crl(ONE)
    deviation = signed_list(list_signer(ONE), DEVIATIONS, DEVIATION_LIST)
    defect = signed_list(list_signer(ONE), DEFECTS, DEFECT_LIST)
    store = register(
        entry(ONE),
        entry(TWO, FROM_NOBODY),
        entry(csca(3, issuer=ONE), from_list("2025-01-01"), kind=Kind.LINK),
        entry(signer, FROM_NOBODY, kind=Kind.SIGNER),
        Entry(Kind.CRL, revoking.raw, (FROM_NOBODY,)),
        Entry(Kind.DEVIATION_LIST, deviation, (from_list("2025-01-01", "UT"),)),
        Entry(Kind.DEFECT_LIST, defect, (from_list("2025-01-01", "UT"),)),
        Entry(Kind.CRL, b"broken", (FROM_NOBODY,)),
    ).to_store()
    assert (len(store.anchors), len(store.links), store.signers) == (2, 1, (signer.parsed,))
    assert (store.tier_of(ONE.parsed), store.tier_of(TWO.parsed)) == (Tier.PINNED, Tier.UNSIGNED)
    assert [each.raw for each in store.crls] == [revoking.raw]
    assert [(each.country, each.raw) for each in store.deviation_lists] == [("UT", deviation)]
    assert [(each.country, each.raw) for each in store.defect_lists] == [("UT", defect)]
    assert len(store.skipped) == 1


# --- merging --------------------------------------------------------------------------------------------------------


def test_what_comes_again_keeps_all_that_brought_it_and_counts_by_the_best() -> None:
    listed = register(entry(ONE, FROM_NOBODY)).with_entries([entry(ONE, from_list("2025-01-01"))])
    (found,) = listed.entries.values()
    assert (found.origins, found.tier) == ((FROM_NOBODY, from_list("2025-01-01")), Tier.NATIONAL)
    (found,) = listed.with_entries([entry(ONE, BY_HAND)]).entries.values()
    assert found.tier is Tier.PINNED
    assert len(found.origins) == 3


@given(st.lists(st.sampled_from(Tier), min_size=1))
def test_the_tier_is_the_best_of_the_origins(tiers: list[Tier]) -> None:
    best = next(tier for tier in (Tier.PINNED, Tier.NATIONAL, Tier.ICAO, Tier.UNSIGNED) if tier in tiers)
    assert entry(ONE, *(Origin(tier, "x") for tier in tiers)).tier is best


def test_the_same_origin_again_counts_once_by_its_last_coming() -> None:
    later = Origin(Tier.UNSIGNED, "bundle.pem", "2026-07-01T00:00:00Z")
    (found,) = register(entry(ONE, FROM_NOBODY), entry(ONE, later)).entries.values()
    assert found.origins == (later,)


# --- newer lists ----------------------------------------------------------------------------------------------------

OLD, NEW = from_list("2024-01-01"), from_list("2025-01-01")


def taken(before: Register, *entries: Entry, kinds: frozenset[Kind] = CSCA_KINDS, of: str = "DE") -> Register:
    """The register after a list of `of` with these entries has come."""
    return before.with_entries(entries).without_older_lists(kinds, of)


def test_a_newer_list_takes_the_place_of_the_older_one() -> None:
    link = entry(csca(3, issuer=ONE), OLD, kind=Kind.LINK)
    found = taken(register(entry(ONE, OLD), entry(TWO, OLD), link), entry(TWO, NEW))
    assert found == register(entry(TWO, NEW))


def test_what_has_another_origin_too_stays_by_that() -> None:
    found = taken(register(entry(ONE, OLD, BY_HAND), entry(THREE, OLD, from_list("2023-01-01", "NL"))), entry(TWO, NEW))
    assert found.entries[ONE.parsed.fingerprint].origins == (BY_HAND,)
    assert found.entries[THREE.parsed.fingerprint].origins == (from_list("2023-01-01", "NL"),)
    assert len(found.entries) == 3


def test_a_list_touches_neither_other_issuers_nor_other_kinds() -> None:
    deviation = Entry(Kind.DEVIATION_LIST, b"deviations", (OLD,))
    signer = entry(document_signer(ONE), OLD, kind=Kind.SIGNER)
    before = register(entry(ONE, from_list("2020-01-01", "NL")), deviation, signer, entry(THREE, FROM_NOBODY))
    found = taken(before, entry(TWO, NEW))
    assert found == before.with_entries([entry(TWO, NEW)])
    newer = Entry(Kind.DEVIATION_LIST, b"newer", (NEW,))
    found = taken(found, newer, kinds=frozenset({Kind.DEVIATION_LIST}))
    assert found == before.without(deviation.sha256).with_entries([entry(TWO, NEW), newer])


def test_an_older_list_that_comes_later_changes_nothing() -> None:
    before = register(entry(ONE, NEW), entry(TWO, BY_HAND))
    found = taken(before, entry(ONE, OLD), entry(TWO, OLD), entry(THREE, OLD))
    assert found == before


def test_a_list_that_does_not_say_when_it_was_signed_takes_no_place() -> None:
    undated = Origin(Tier.NATIONAL, "undated.ml", list_of="DE")
    before = register(entry(ONE, NEW))
    assert taken(before, entry(TWO, undated)) == before
    assert taken(register(), entry(TWO, undated)) == register(entry(TWO, undated))


# --- finding and pinning --------------------------------------------------------------------------------------------


def test_an_entry_is_found_by_the_first_digits_of_its_sha_256_as_people_write_them() -> None:
    found = register(entry(ONE), entry(TWO))
    sha256 = ONE.parsed.fingerprint
    colons = ":".join(sha256[at : at + 2] for at in range(0, 64, 2)).upper()
    assert [found.find(each).raw for each in (sha256[:6], sha256, colons, colons.replace(":", " "))] == [
        ONE.parsed.raw
    ] * 4


def test_digits_of_none_or_of_several_are_refused() -> None:
    entries = [Entry(Kind.CRL, bytes((number,)), (BY_HAND,)) for number in range(40)]
    found = register(*entries)
    twice = next(digit for digit in "0123456789abcdef" if sum(key.startswith(digit) for key in found.entries) > 1)
    for prefix in (twice, "", " ", "xyz", "0" * 64):
        with pytest.raises(UsageError, match="begins with"):
            found.find(prefix)


def test_a_csca_can_be_pinned() -> None:
    found = pinned(ONE.parsed, "one.cer", NOW)
    assert found == entry(ONE, Origin(Tier.PINNED, "one.cer", "2026-06-01T00:00:00Z"))
    assert register(found).to_store().tier_of(ONE.parsed) is Tier.PINNED


def test_what_is_not_signed_by_itself_cannot_be_pinned() -> None:
    same_name = csca(3, issuer=ONE)
    for other in (same_name, document_signer(ONE)):
        with pytest.raises(UsageError, match="self-signed"):
            pinned(other.parsed, "x", NOW)


def test_a_row_that_cannot_be_read_goes_back_into_the_file_as_it_stood() -> None:
    """A later program, or a person, may still read it: an edit of something else loses nothing."""
    read = edited(lambda row: row.update(kind="something-new", more=[1, 2]))
    assert len(read.skipped) == 1
    again = json.loads(read.with_entries([entry(THREE)]).to_bytes())
    (kept,) = [row for row in again["entries"] if row["kind"] == "something-new"]
    assert kept["more"] == [1, 2]
    assert [row["sha256"] for row in again["entries"][:2]] == [TWO.parsed.fingerprint, THREE.parsed.fingerprint]
