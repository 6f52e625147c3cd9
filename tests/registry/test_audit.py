"""S-34: whatever is done to the audit log is found, by itself or against a head kept elsewhere; and proofs hold for
those who have not got it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text

from cccd_nfc.errors import CccdError, EncodingError, NotFoundError, RegistryError, SignatureError, UsageError
from cccd_nfc.registry import audit, merkle, signed
from cccd_nfc.registry.log_heads import HEAD_TYPE, check_proof, sign_head, verify_head
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.receipts import RECEIPT_TYPE, head_of, verify_receipt
from registry_places import BACK_TO_0002, Place, SqlitePlace
from registry_support import Desk, card


def filled(place: Place) -> Desk:
    """A registry whose log has 11 entries: not a power of two, and three complete subtrees."""
    desk = Desk(place)
    for seed in (1, 2, 3):
        desk.enrol(card(seed))
    for number in range(4):
        desk.bind(Phone.new(), card(1 + number % 3))
    assert desk.registry.check().size == 11
    return desk


@pytest.fixture
def desk(place: Place) -> Iterator[Desk]:
    desk = filled(place)
    yield desk
    desk.registry.close()


@pytest.fixture
def another() -> Iterator[Callable[[Place], Desk]]:
    """Opens the registry of a place; it is closed at the end."""
    with ExitStack() as closing:

        def opened(place: Place) -> Desk:
            desk = Desk(place)
            closing.callback(desk.registry.close)
            return desk

        yield opened


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One for all tests of what it gave away; the database is not asked there."""
    desk = filled(SqlitePlace.new(tmp_path_factory.mktemp("kept") / "desk"))
    yield desk
    desk.registry.close()


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
def test_s34_a_change_is_found_without_anything_kept_elsewhere(desk: Desk, change: str) -> None:
    desk.place.change(*change.split("; "))
    with pytest.raises(RegistryError, match="audit log"):
        desk.registry.check()


@pytest.mark.row("S-34")
def test_s34_a_cut_tail_is_found_against_a_head_only(desk: Desk) -> None:
    """10 of 11 entries with their right tree: whole in itself."""
    before = desk.registry.log_head()
    desk.place.change("DELETE FROM audit WHERE seq = 11")
    assert desk.registry.check().size == 10
    with pytest.raises(RegistryError, match="cut or changed"):
        desk.registry.check(desk.registry.known_head(before))


@pytest.mark.row("S-34")
def test_s34_an_older_copy_of_the_whole_registry_is_found_against_a_head(
    desk: Desk, tmp_path: Path, another: Callable[[Place], Desk]
) -> None:
    desk.registry.close()
    older = another(desk.place.copy(tmp_path / "older"))
    desk.bind(Phone.new())
    with pytest.raises(RegistryError, match="cut or changed"):
        older.registry.check(older.registry.known_head(desk.registry.log_head()))


@pytest.mark.row("S-34")
def test_s34_two_histories_are_found_against_each_other(
    desk: Desk, tmp_path: Path, another: Callable[[Place], Desk]
) -> None:
    """Both are whole, as long as one another, and signed by the same key."""
    desk.registry.close()
    one, other = desk, another(desk.place.copy(tmp_path / "other"))
    other.clock.now = one.clock.now
    one.bind(Phone.new(), card(1))
    other.bind(Phone.new(), card(2))
    assert one.registry.check().size == other.registry.check().size
    head = one.registry.known_head(other.registry.log_head())
    with pytest.raises(RegistryError, match="cut or changed"):
        one.registry.check(head)
    with pytest.raises(SignatureError):
        check_proof(one.registry.prove_growth(other.registry.log_head()), one.registry.head_key())


@pytest.mark.row("S-34")
def test_s34_a_log_that_was_written_anew_by_who_knows_how_is_found_against_a_receipt(desk: Desk) -> None:
    receipt = verify_receipt(desk.bind(Phone.new()), desk.registry.receipt_key())
    assert desk.registry.check(head_of(receipt)) == head_of(receipt)
    _write_anew(desk.place)
    desk.registry.check()
    with pytest.raises(RegistryError, match="cut or changed"):
        desk.registry.check(head_of(receipt))


def _write_anew(place: Place) -> None:
    """Changes the first entry, and all hashes and nodes that follow from it, and takes the published heads away."""
    nodes: dict[tuple[int, int], bytes] = {}
    place.change("DELETE FROM published_head")
    with place.by_hand() as connection:
        rows = [content for (content,) in connection.execute(text("SELECT content FROM audit ORDER BY seq"))]
        previous = json.loads(rows[0])["previous"]
        for index, content in enumerate(rows):
            changed = {**json.loads(content), "previous": previous, "account": "f" * 16}
            written = json.dumps(changed, sort_keys=True, separators=(",", ":"))
            leaf = merkle.leaf_hash(written.encode())
            previous = leaf.hex()
            row = {"content": written, "hash": previous, "seq": index + 1}
            connection.execute(text("UPDATE audit SET content = :content, hash = :hash WHERE seq = :seq"), row)
            for level, position, hashed in merkle.completed(index, leaf, lambda *at: nodes[at]):
                nodes[level, position] = hashed
                node = {"hash": hashed.hex(), "level": level, "position": position}
                connection.execute(
                    text("UPDATE audit_node SET hash = :hash WHERE level = :level AND position = :position"), node
                )


def test_a_head_of_another_registry_or_of_nothing_is_refused(
    desk: Desk, tmp_path: Path, another: Callable[[Place], Desk]
) -> None:
    other = another(SqlitePlace.new(tmp_path / "other"))
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
def test_s37_heads_and_receipts_have_keys_of_their_own_and_do_not_pass_for_each_other(kept: Desk) -> None:
    assert kept.registry.head_key() != kept.registry.receipt_key()
    receipt, head = kept.bind(Phone.new()), kept.registry.log_head()
    with pytest.raises(SignatureError):
        verify_head(receipt, kept.registry.head_key())
    keys = kept.registry._office.keys
    for token, kind in ((head, RECEIPT_TYPE), (signed.sign(keys.head, RECEIPT_TYPE, {}), HEAD_TYPE)):
        with pytest.raises(SignatureError, match="something else"):
            signed.verified(token, kept.registry.head_key(), kind)


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
def test_a_proof_that_was_changed_proves_nothing(kept: Desk, field: str, value: object) -> None:
    proof = {**json.loads(kept.registry.prove_entry(3)), field: value}
    with pytest.raises((SignatureError, EncodingError)):
        check_proof(json.dumps(proof), kept.registry.head_key())


NAMES = st.sampled_from(["proves", "path", "head", "entry", "number", "earlier"])
JSON = st.recursive(
    st.none() | st.integers() | st.text() | st.floats(),
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
)


@given(JSON)
def test_whatever_a_proof_holds_ends_in_our_error(content: object) -> None:
    for proof in (json.dumps(content), repr(content)):
        with pytest.raises(CccdError):
            check_proof(proof, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")


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
        {"size": 99},
        {"size": 0},
        {"size": "many"},
        {"root": "00" * 32},
    ],
)
def test_a_receipt_whose_entry_is_not_in_its_log_is_refused(kept: Desk, change: dict[str, object]) -> None:
    """Signed by the right key all the same: by somebody who has it and has not got the log."""
    key = kept.registry._office.keys.receipt
    kept.clock.go(days=1)
    receipt = verify_receipt(kept.bind(Phone.new()), kept.registry.receipt_key())
    wrong = signed.sign(key, RECEIPT_TYPE, {**receipt, "audit": {**receipt["audit"], **change}})
    with pytest.raises((SignatureError, EncodingError)):
        verify_receipt(wrong, kept.registry.receipt_key())


@pytest.mark.parametrize("audit", [None, [], "x", {}])
def test_a_receipt_without_an_entry_is_none(kept: Desk, audit: object) -> None:
    token = signed.sign(kept.registry._office.keys.receipt, RECEIPT_TYPE, {"act": "device-bound", "audit": audit})
    with pytest.raises(EncodingError):
        verify_receipt(token, kept.registry.receipt_key())


# --- a registry of an earlier version ---------------------------------------------------------------------------------


def test_a_registry_from_before_grows_its_tree_and_gets_its_key(desk: Desk, another: Callable[[Place], Desk]) -> None:
    head = desk.registry.check()
    desk.registry.close()
    desk.place.change(*BACK_TO_0002)
    (desk.folder / "keys" / "head.key").unlink()
    upgraded = another(desk.place)
    assert upgraded.registry.check() == head
    key = upgraded.registry.head_key()
    upgraded.registry.close()
    assert another(desk.place).registry.head_key() == key


@pytest.mark.row("S-37")
def test_s37_the_key_of_the_heads_is_made_once(desk: Desk, another: Callable[[Place], Desk]) -> None:
    desk.registry.close()
    (desk.folder / "keys" / "head.key").unlink()
    with pytest.raises(RegistryError, match=r"missing: head\.key"):
        another(desk.place)
    (desk.folder / "keys" / "head.key").write_bytes(bytes(32))
    with pytest.raises(RegistryError, match="another registry"):
        another(desk.place)


# --- entries of one transaction ---------------------------------------------------------------------------------------


@pytest.mark.row("S-34")
@pytest.mark.parametrize("before", range(9))
def test_s34_entries_of_one_transaction_follow_one_another_and_each_is_proved(desk: Desk, before: int) -> None:
    """The log's end is read once in a transaction: what is appended to it there must count at once."""
    office = desk.registry._office
    for number in range(before):
        with office.database.write() as session:
            office.record_alone(session, "alone", desk.clock(), number=str(number))
    with office.database.write() as session:
        for _ in range(5):
            number = office.record_alone(session, "together", desk.clock())
            inclusion = audit.prove_inclusion(session, number)
            assert inclusion.head == audit.head(session)
            leaf, path = merkle.leaf_hash(inclusion.content.encode()), [bytes.fromhex(part) for part in inclusion.path]
            root = merkle.root_by_inclusion(leaf, number - 1, inclusion.head.size, path)
            assert root.hex() == inclusion.head.root
    assert desk.registry.check() == inclusion.head


@pytest.mark.row("S-34")
def test_s34_what_a_savepoint_took_back_is_not_gone_on_from(desk: Desk) -> None:
    office, size = desk.registry._office, desk.registry.check().size
    with office.database.write() as session:
        office.record_alone(session, "kept", desk.clock())
        with session.begin_nested() as savepoint:
            office.record_alone(session, "taken back", desk.clock())
            savepoint.rollback()
        office.record_alone(session, "kept, too", desk.clock())
    assert desk.registry.check().size == size + 2


def test_an_act_reads_the_end_of_the_log_once(desk: Desk) -> None:
    """Two reads at most, whatever it appends and proves: all desks wait for them."""
    office, read = desk.registry._office, []
    event.listen(office.database.engine, "before_cursor_execute", lambda *args: read.append(str(args[2])))
    with office.database.write() as session:
        for _ in range(3):
            audit.prove_inclusion(session, office.record_alone(session, "act", desk.clock()))
    assert sum(statement.startswith("SELECT audit") for statement in read) <= 2
