"""S-34: whatever is done to the audit log is found, by itself or against a head kept elsewhere; and proofs hold for
those who have not got it.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.errors import CccdError, EncodingError, NotFoundError, RegistryError, SignatureError, UsageError
from cccd_nfc.registry import merkle, signed
from cccd_nfc.registry.log_heads import HEAD_TYPE, check_proof, sign_head, verify_head
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.receipts import RECEIPT_TYPE, head_of, verify_receipt
from registry_support import Desk, card

Sql = Callable[[str], None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a registry whose log has 11 entries: not a power of two, and three complete subtrees."""
    desk = Desk(tmp_path_factory.mktemp("made") / "desk")
    for seed in (1, 2, 3):
        desk.enrol(card(seed))
    for number in range(4):
        desk.bind(Phone.new(), card(1 + number % 3))
    desk.registry.close()
    return desk.folder


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Desk:
    desk = Desk(shutil.copytree(made, tmp_path / "desk"))
    assert desk.registry.check().size == 11
    return desk


@pytest.fixture
def sql(desk: Desk) -> Sql:
    def run(script: str) -> None:
        with sqlite3.connect(desk.folder / "registry.db") as connection:
            connection.executescript(script)

    return run


@pytest.mark.row("S-34")
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET content = replace(content, 'account-issued', 'account-closed') WHERE seq = 1",
        "UPDATE audit SET content = '{}' WHERE seq = 5",
        "UPDATE audit SET content = 'no JSON' WHERE seq = 5",
        "UPDATE audit SET hash = 'no hash' WHERE seq = 11",
        "DELETE FROM audit WHERE seq = 6",
        "DELETE FROM audit WHERE seq = 6; UPDATE audit SET seq = seq - 1 WHERE seq > 6",
        "UPDATE audit SET seq = seq + 99 WHERE seq IN (3, 4); UPDATE audit SET seq = 206 - seq WHERE seq > 99",
        "UPDATE audit_node SET hash = (SELECT hash FROM audit WHERE seq = 1) WHERE level = 1 AND position = 0",
        "UPDATE audit_node SET hash = 'no hash' WHERE level = 2",
        "DELETE FROM audit_node WHERE level = 3",
        "INSERT INTO audit_node VALUES (4, 0, '00')",
        "DELETE FROM audit WHERE seq > 9",
    ],
)
def test_s34_a_change_is_found_without_anything_kept_elsewhere(desk: Desk, sql: Sql, change: str) -> None:
    sql(change)
    with pytest.raises(RegistryError, match="audit log"):
        desk.registry.check()


@pytest.mark.row("S-34")
def test_s34_a_cut_tail_is_found_against_a_head_only(desk: Desk, sql: Sql) -> None:
    """10 of 11 entries with their right tree: whole in itself."""
    before = desk.registry.log_head()
    sql("DELETE FROM audit WHERE seq = 11")
    assert desk.registry.check().size == 10
    with pytest.raises(RegistryError, match="cut or changed"):
        desk.registry.check(desk.registry.known_head(before))


@pytest.mark.row("S-34")
def test_s34_an_older_copy_of_the_whole_registry_is_found_against_a_head(desk: Desk, tmp_path: Path) -> None:
    desk.registry.close()
    shutil.copytree(desk.folder, tmp_path / "older")
    desk = Desk(desk.folder)
    desk.bind(Phone.new())
    older = Desk(tmp_path / "older")
    with pytest.raises(RegistryError, match="cut or changed"):
        older.registry.check(older.registry.known_head(desk.registry.log_head()))


@pytest.mark.row("S-34")
def test_s34_two_histories_are_found_against_each_other(desk: Desk, tmp_path: Path) -> None:
    """Both are whole, as long as one another, and signed by the same key."""
    desk.registry.close()
    shutil.copytree(desk.folder, tmp_path / "other")
    one, other = Desk(desk.folder), Desk(tmp_path / "other")
    one.bind(Phone.new(), card(1))
    other.bind(Phone.new(), card(2))
    assert one.registry.check().size == other.registry.check().size
    head = one.registry.known_head(other.registry.log_head())
    with pytest.raises(RegistryError, match="cut or changed"):
        one.registry.check(head)
    with pytest.raises(SignatureError):
        check_proof(one.registry.prove_growth(other.registry.log_head()), one.registry.head_key())


@pytest.mark.row("S-34")
def test_s34_a_log_that_was_written_anew_by_who_knows_how_is_found_against_a_receipt(desk: Desk, sql: Sql) -> None:
    receipt = verify_receipt(desk.bind(Phone.new()), desk.registry.receipt_key())
    assert desk.registry.check(head_of(receipt)) == head_of(receipt)
    _write_anew(desk.folder / "registry.db")
    desk.registry.check()
    with pytest.raises(RegistryError, match="cut or changed"):
        desk.registry.check(head_of(receipt))


def _write_anew(database: Path) -> None:
    """Changes the first entry, and all hashes and nodes that follow from it."""
    with sqlite3.connect(database) as connection:
        rows = [content for (content,) in connection.execute("SELECT content FROM audit ORDER BY seq")]
        nodes: dict[tuple[int, int], bytes] = {}
        previous = json.loads(rows[0])["previous"]
        for index, content in enumerate(rows):
            changed = {**json.loads(content), "previous": previous, "account": "f" * 16}
            text = json.dumps(changed, sort_keys=True, separators=(",", ":"))
            leaf = merkle.leaf_hash(text.encode())
            previous = leaf.hex()
            connection.execute("UPDATE audit SET content = ?, hash = ? WHERE seq = ?", (text, previous, index + 1))
            for level, position, hashed in merkle.completed(index, leaf, lambda *at: nodes[at]):
                nodes[level, position] = hashed
                connection.execute(
                    "UPDATE audit_node SET hash = ? WHERE level = ? AND position = ?", (hashed.hex(), level, position)
                )


def test_a_head_of_another_registry_or_of_nothing_is_refused(desk: Desk, tmp_path: Path) -> None:
    other = Desk(tmp_path / "other")
    with pytest.raises(SignatureError):
        desk.registry.known_head(other.registry.log_head())
    with pytest.raises(UsageError, match="cannot go on"):
        desk.registry.prove_growth(_head(desk, 0))
    with pytest.raises(UsageError, match="cannot go on"):
        desk.registry.prove_growth(_head(desk, 12))


def _head(desk: Desk, size: int) -> str:
    from cccd_nfc.registry.audit import Head

    return sign_head(desk.registry._office.keys.head, Head(size, "00" * 32), desk.clock())


# --- proofs -----------------------------------------------------------------------------------------------------------


@pytest.mark.row("S-34")
def test_s34_every_entry_is_proved_to_who_has_the_key_only(desk: Desk) -> None:
    key = desk.registry.head_key()
    for number in range(1, 12):
        found = check_proof(desk.registry.prove_entry(number), key)
        assert (found["proves"], found["size"], json.loads(found["entry"])["seq"]) == ("inclusion", 11, number)
    for number in (0, 12):
        with pytest.raises(NotFoundError):
            desk.registry.prove_entry(number)


@pytest.mark.row("S-34")
def test_s34_the_log_is_proved_to_go_on_from_an_earlier_head(desk: Desk) -> None:
    key, earlier = desk.registry.head_key(), desk.registry.log_head()
    assert check_proof(desk.registry.prove_growth(earlier), key)["earlier"] == 11
    desk.bind(Phone.new())
    assert check_proof(desk.registry.prove_growth(earlier), key) == {
        "proves": "consistency",
        "size": 13,
        "earlier": 11,
    }


@pytest.mark.row("S-37")
def test_s37_heads_and_receipts_have_keys_of_their_own_and_do_not_pass_for_each_other(desk: Desk) -> None:
    assert desk.registry.head_key() != desk.registry.receipt_key()
    receipt, head = desk.bind(Phone.new()), desk.registry.log_head()
    with pytest.raises(SignatureError):
        verify_head(receipt, desk.registry.head_key())
    keys = desk.registry._office.keys
    for token, kind in ((head, RECEIPT_TYPE), (signed.sign(keys.head, RECEIPT_TYPE, {}), HEAD_TYPE)):
        with pytest.raises(SignatureError, match="something else"):
            signed.verified(token, desk.registry.head_key(), kind)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("entry", "{}"),
        ("number", 4),
        ("number", -1),
        ("number", 10**30),
        ("path", []),
        ("path", ["00" * 32] * 4),
        ("path", ["zz"]),
        ("path", None),
        ("path", 7),
        ("head", None),
        ("head", "a.b.c"),
        ("proves", "all"),
        ("proves", "consistency"),
        ("number", "three"),
        ("number", float("inf")),
    ],
)
def test_a_proof_that_was_changed_proves_nothing(desk: Desk, field: str, value: object) -> None:
    proof = {**json.loads(desk.registry.prove_entry(3)), field: value}
    with pytest.raises((SignatureError, EncodingError)):
        check_proof(json.dumps(proof), desk.registry.head_key())


NAMES = st.sampled_from(["proves", "path", "head", "entry", "number", "earlier"])
JSON = st.recursive(
    st.none() | st.integers() | st.text() | st.floats(),
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
)


@given(JSON)
def test_whatever_a_proof_holds_ends_in_our_error(content: object) -> None:
    for text in (json.dumps(content), repr(content)):
        with pytest.raises(CccdError):
            check_proof(text, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")


def test_a_proof_nested_too_deep_is_refused() -> None:
    with pytest.raises(EncodingError):
        check_proof("[" * 100_000, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")


# --- receipts ---------------------------------------------------------------------------------------------------------


@pytest.mark.row("S-34")
def test_s34_a_receipt_proves_its_entry_without_the_registry(desk: Desk) -> None:
    receipt = verify_receipt(desk.bind(Phone.new()), desk.registry.receipt_key())
    entry = json.loads(receipt["audit"]["entry"])
    assert (entry["act"], entry["device"]) == ("device-bound", receipt["device"])
    assert (entry["seq"], len(receipt["audit"]["path"])) == (13, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"entry": '{"act":"device-bound"}'},
        {"entry": '{"act":"device-unlinked"}'},
        {"entry": "no JSON"},
        {"entry": "[]"},
        {"entry": None},
        {"path": []},
        {"path": ["zz"]},
        {"path": None},
        {"size": 14},
        {"size": 0},
        {"size": "many"},
        {"root": "00" * 32},
    ],
)
def test_a_receipt_whose_entry_is_not_in_its_log_is_refused(desk: Desk, change: dict[str, object]) -> None:
    """Signed by the right key all the same: by somebody who has it and has not got the log."""
    key = desk.registry._office.keys.receipt
    receipt = verify_receipt(desk.bind(Phone.new()), desk.registry.receipt_key())
    wrong = signed.sign(key, RECEIPT_TYPE, {**receipt, "audit": {**receipt["audit"], **change}})
    with pytest.raises((SignatureError, EncodingError)):
        verify_receipt(wrong, desk.registry.receipt_key())


@pytest.mark.parametrize("audit", [None, [], "x", {}])
def test_a_receipt_without_an_entry_is_none(desk: Desk, audit: object) -> None:
    token = signed.sign(desk.registry._office.keys.receipt, RECEIPT_TYPE, {"act": "device-bound", "audit": audit})
    with pytest.raises(EncodingError):
        verify_receipt(token, desk.registry.receipt_key())


# --- a registry of an earlier version ---------------------------------------------------------------------------------


def test_a_registry_from_before_grows_its_tree_and_gets_its_key(desk: Desk, sql: Sql) -> None:
    head = desk.registry.check()
    desk.registry.close()
    sql(
        "DROP TABLE audit_node; ALTER TABLE identity DROP COLUMN head_key;"
        "UPDATE alembic_version SET version_num = '0002'"
    )
    (desk.folder / "keys" / "head.key").unlink()
    upgraded = Desk(desk.folder)
    assert upgraded.registry.check() == head
    key = upgraded.registry.head_key()
    upgraded.registry.close()
    assert Desk(desk.folder).registry.head_key() == key


@pytest.mark.row("S-37")
def test_s37_the_key_of_the_heads_is_made_once(desk: Desk) -> None:
    desk.registry.close()
    (desk.folder / "keys" / "head.key").unlink()
    with pytest.raises(RegistryError, match=r"missing: head\.key"):
        Desk(desk.folder)
    (desk.folder / "keys" / "head.key").write_bytes(bytes(32))
    with pytest.raises(RegistryError, match="another registry"):
        Desk(desk.folder)
