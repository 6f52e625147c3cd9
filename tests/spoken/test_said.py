"""Reports in Vietnamese: every sentence that the source can say has its translation, and a whole report is in it."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from rich.console import Console

from cccd_nfc import errors
from cccd_nfc.cli.report_view import show_report
from cccd_nfc.errors import CardError, SignatureError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.access import NO_PACE_KNOWN, PACE_FAILED
from cccd_nfc.inspection.reading import read
from cccd_nfc.inspection.request import Request
from cccd_nfc.inspection.verifying import verify
from cccd_nfc.lds.security_infos import PACEInfo
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.crl import CertificateRevocationList
from cccd_nfc.pki.defect_list import Defect, DefectList, DefectType, KnownDefect
from cccd_nfc.pki.deviation_list import Deviation, DeviationDescription, DeviationList, DeviationType
from cccd_nfc.pki.document_criteria import DeviationDocuments
from cccd_nfc.pki.security_object import parse_sod
from cccd_nfc.pki.signer_reference import SignerReference
from cccd_nfc.pki.trust_check import troubles
from cccd_nfc.pki.trust_store import StateList, TrustStore
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.report import Check, CheckName, InspectionReport, Outcome
from cccd_nfc.sentences import Said, joined, sentence_of
from cccd_nfc.simulator.card import CardData, ChipKeys
from cccd_nfc.simulator.chip import Chip
from cccd_nfc.simulator.personalisation import CCCD, Choices, personalise
from cccd_nfc.simulator.seeded import SeededBytes
from cccd_nfc.simulator.transport import SimulatedTransport
from cccd_nfc.spoken.said import VIETNAMESE, in_language
from conftest import PROJECT

SOURCE = PROJECT / "src" / "cccd_nfc"
TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)

SAYING = {"Said": 0, "remark": 1}
"""Functions that take a template -> at which place."""

TABLES = ("_vi.py",)
"""How the names of files of translations end: what stands there is not said because it stands there."""

ERRORS = frozenset(name for name, kind in vars(errors).items() if isinstance(kind, type) and kind is not Said)

UNCHANGED = frozenset({"CSCA", "{subject}, SHA-256 {digest}…", "{subject}, SHA-256 {digest}"})
_NAMES = re.compile(r"{(\w+)}")

Place = tuple[str, str]
"""(file, template)"""


def is_frame(template: str) -> bool:
    """Whether there is nothing to translate between the names."""
    return template in UNCHANGED or not re.search(r"[A-Za-z]", _NAMES.sub("", template))


# --- what the source can say ------------------------------------------------------------------------------------------


@cache
def trees() -> Mapping[str, ast.Module]:
    files = (path for path in sorted(SOURCE.rglob("*.py")) if not path.name.endswith(TABLES))
    return {str(path.relative_to(SOURCE)): ast.parse(path.read_text(encoding="utf-8")) for path in files}


def called(node: ast.AST) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def texts(node: ast.AST, assigned: Mapping[str, list[str]]) -> list[str]:
    """The texts that an argument may be: itself, either side of a condition, or what was assigned to its name."""
    if isinstance(node, ast.IfExp):
        return texts(node.body, assigned) + texts(node.orelse, assigned)
    if isinstance(node, ast.Name):
        return assigned.get(node.id, [])
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def said_in(scope: ast.AST) -> Iterator[str]:
    """The templates that a function, or a module, gives to `Said` and its like."""
    assigned: dict[str, list[str]] = {}
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    assigned.setdefault(target.id, []).extend(texts(node.value, {}))
    for node in ast.walk(scope):
        if isinstance(node, ast.Call) and called(node) in SAYING and len(node.args) > SAYING[called(node)]:
            yield from texts(node.args[SAYING[called(node)]], assigned)


def raised(file: str) -> Iterator[ast.expr]:
    """The first argument of every error of ours that `file` makes: each may end a command, or be told in a report.

    Not that of StatusWordError, which is the name of a command of the card, and which makes its own sentence of it.
    """
    for node in ast.walk(trees()[file]):
        if isinstance(node, ast.Call) and node.args and called(node) in ERRORS - {"StatusWordError"}:
            yield node.args[0]


@cache
def constants() -> Mapping[str, list[str]]:
    """What a name that a module gives a text may stand for, here or where it is imported."""
    found: dict[str, list[str]] = {}
    for tree in trees().values():
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found.setdefault(node.targets[0].id, []).extend(texts(node.value, {}))
    return found


@cache
def sentences() -> frozenset[Place]:
    found = set()
    for file, tree in trees().items():
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        for scope in functions:
            found |= {(file, template) for template in said_in(scope)}
        outside = ast.Module([node for node in tree.body if not isinstance(node, ast.FunctionDef)], [])
        found |= {(file, template) for template in said_in(outside)}
        found |= {(file, text) for argument in raised(file) for text in texts(argument, constants())}
    return frozenset(found)


def test_the_source_is_searched_where_its_sentences_are() -> None:
    found = {template for _, template in sentences()}
    assert len(found) > 200
    assert {
        "until {day}",  # in a call
        "the document signer's certificate has expired since, on {day}",  # by a name
        "a signature with SHA-1, which is weak",  # in a lambda, and by `remark`
        "no revocation list of this CSCA is at hand",  # in a module
        "the signed messageDigest is not that of the content",  # of an error
    } <= found


def test_every_sentence_has_a_vietnamese_one() -> None:
    assert sorted(place for place in sentences() if place[1] not in VIETNAMESE and not is_frame(place[1])) == []


def is_kept(argument: ast.expr, scope: ast.AST) -> bool:
    """Whether an error made of `argument` can be said in another language: a text, or a value that carries one.

    A name stands for all that `scope` assigns to it; one that was handed in is believed.
    """
    if isinstance(argument, ast.Name):
        assigned = (node for node in ast.walk(scope) if isinstance(node, ast.Assign))
        named = (node.value for node in assigned if ast.unparse(node.targets[0]) == argument.id)
        return all(is_kept(value, scope) for value in named)
    if isinstance(argument, ast.IfExp):
        return is_kept(argument.body, scope) and is_kept(argument.orelse, scope)
    return isinstance(argument, ast.Constant) or called(argument) in ("Said", "sentence_of", "joined")


@pytest.mark.parametrize("file", trees())
def test_an_error_keeps_what_it_was_made_from(file: str) -> None:
    assert [ast.unparse(each) for each in raised(file) if not is_kept(each, trees()[file])] == []


@pytest.mark.parametrize(
    ("argument", "kept"),
    [
        ("'not an evidence file'", True),
        ("Said('cannot read {path}', path=path)", True),
        ("sentence_of(error)", True),
        ("said", True),
        ("written", False),
        ("f'cannot read {path}'", False),
        ("'cannot read {}'.format(path)", False),
        ("'cannot read ' + path", False),
        ("str(error)", False),
    ],
)
def test_an_error_that_forgets_what_it_was_made_from_would_be_found(argument: str, kept: bool) -> None:
    scope = ast.parse("said = Said('cannot read {path}', path=path); written = f'cannot write {path}'")
    assert is_kept(ast.parse(argument, mode="eval").body, scope) is kept


def test_nothing_is_translated_that_is_never_said() -> None:
    nodes = (node for tree in trees().values() for node in ast.walk(tree))
    literals = {node.value for node in nodes if isinstance(node, ast.Constant)}
    assert sorted(VIETNAMESE.keys() - literals) == []


@pytest.mark.parametrize("template", VIETNAMESE)
def test_both_languages_name_the_same_values(template: str) -> None:
    vietnamese = VIETNAMESE[template]
    assert sorted(_NAMES.findall(vietnamese)) == sorted(_NAMES.findall(template))
    assert vietnamese.strip()
    assert vietnamese != template or is_frame(template)


# --- a sentence -------------------------------------------------------------------------------------------------------


def test_what_fills_a_sentence_is_said_in_its_language_too() -> None:
    inner = Said("the certificate of the {who} is not valid yet", who=Said("document signer"))
    whole = Said("{before}; but {why}", before=inner, why=Said("until {day}", day=date(2036, 6, 11)))
    assert in_language(whole, "vi") == "chứng thư của người ký giấy tờ chưa có hiệu lực; nhưng đến 11/06/2036"
    assert in_language(whole, "en") == str(whole)
    assert str(whole).endswith("until 2036-06-11")


def test_what_is_joined_is_said_one_by_one() -> None:
    whole = joined([Said("EF.DG1 and EF.DG13 agree"), Said("the number begins with no known place")])
    first, second = (in_language(each, "vi") for each in (whole.values["first"], whole.values["second"]))
    assert in_language(whole, "vi") == f"{first}; {second}"
    assert "EF.DG1 and" not in first
    files = joined([Said("{file} (protected)", file="EF.DG3"), Said("{file}", file="EF.DG4")], ", ")
    assert in_language(files, "vi") == "EF.DG3 (được bảo vệ), EF.DG4"


@pytest.mark.parametrize("text", ["a brace { alone", "{name} and {0}", "{}"])
def test_braces_without_values_stay_braces(text: str) -> None:
    assert in_language(Said(text), "vi") == text
    assert in_language(Said("EF.SOD is broken: {reason}", reason=text), "vi") == f"EF.SOD bị hỏng: {text}"


@pytest.mark.parametrize("text", ["there is no EF.SOD", "", "{day}"])
def test_a_text_that_was_not_said_is_left_alone(text: str) -> None:
    """A name or a description out of a certificate may read like one of our sentences."""
    assert in_language(text, "vi") == in_language(text, "en") == text


def test_an_error_says_the_sentence_that_it_was_raised_with() -> None:
    told = SignatureError(Said("the signature of {scheme} does not verify", scheme="RSA with SHA-256"))
    assert in_language(sentence_of(told), "vi") == "chữ ký RSA with SHA-256 không đúng"
    assert in_language(Said("EF.SOD is broken: {reason}", reason=told), "vi").startswith("EF.SOD bị hỏng: chữ ký")
    plain = CardError("CMS: no SignedData")
    assert in_language(sentence_of(plain), "vi") == "CMS: không có SignedData"


# --- whole reports ----------------------------------------------------------------------------------------------------


@cache
def card_of(profile: str = "cccd-2021", choices: Choices = CCCD) -> CardData:
    return personalise(profile, seed=1, today=TODAY, choices=choices)


@cache
def trust_of(card_name: str = "cccd-2021", *, crls: bool = True) -> TrustStore:
    given = card_of(card_name).trust
    lists = (CertificateRevocationList.parse(given["csca.crl"]),) if crls else ()
    return TrustStore((Certificate.parse(given["csca.cer"]),), lists)


def evidence_of(card: CardData, password: Password | None = None) -> Evidence:
    request = Request(password or Password.can(card.secrets.can), bytes(8), photo=False)
    transport = SimulatedTransport(Chip(card, SeededBytes(7, "chip")))
    return read(request, transport, random_bytes=SeededBytes(8, "terminal"), now=NOW)


@cache
def genuine() -> Evidence:
    return evidence_of(card_of())


def without(*names: str) -> Evidence:
    return replace(genuine(), files={name: raw for name, raw in genuine().files.items() if name not in names})


def changed(name: str, at: int) -> Evidence:
    raw = genuine().files[name]
    at %= len(raw)
    return replace(genuine(), files={**genuine().files, name: raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :]})


def passport() -> Evidence:
    card = card_of("passport-td3")
    return evidence_of(card, Password.from_mrz(card.secrets.mrz))


def files_alone() -> Evidence:
    return replace(genuine(), source="files", active_authentication=None, chip_authentication=None)


def clone() -> Evidence:
    return evidence_of(replace(card_of(), keys=ChipKeys()))


def by_bac_for_want_of_a_known_pace() -> Evidence:
    card = card_of(choices=Choices(pace=PACEInfo("0.4.0.127.0.7.2.2.4.4.2", 2, 13)))
    return evidence_of(card, Password.from_mrz(card.secrets.mrz))


def bac_after(fallback: str) -> Evidence:
    return replace(genuine(), access=replace(genuine().access, protocol="BAC", password="mrz", fallback=fallback))


def answered(sw: int) -> Evidence:
    evidence = genuine()
    assert evidence.active_authentication is not None
    assert evidence.chip_authentication is not None
    return replace(
        evidence,
        active_authentication=replace(evidence.active_authentication, sw=sw),
        chip_authentication=replace(evidence.chip_authentication, sw=sw, proven=False),
    )


@cache
def other_card() -> CardData:
    return personalise("cccd-2021", seed=2, today=TODAY)


def from_another_citizen() -> Evidence:
    other = evidence_of(other_card())
    return replace(genuine(), files={**genuine().files, "EF.DG13": other.files["EF.DG13"]})


def with_lists() -> TrustStore:
    signer = parse_sod(genuine().files["EF.SOD"]).certificates[0]
    stated = tuple(DeviationDescription(kind, "đợt 1", b"\x02\x01\x02") for kind in DeviationType)
    known = tuple(KnownDefect(kind) for kind in DefectType)
    deviations = DeviationList(deviations=(Deviation(DeviationDocuments(), stated),))
    defects = DefectList(defects=(Defect(SignerReference(signer.issuer, signer.serial), known),))
    return replace(
        trust_of(),
        deviation_lists=(StateList("VN", b"", deviations),),
        defect_lists=(StateList("VN", b"", defects),),
    )


def judged(evidence: Evidence, trust: TrustStore | None = None, now: datetime = NOW) -> InspectionReport:
    return verify(evidence, trust or trust_of(), now=now)


REPORTS: dict[str, Callable[[], InspectionReport]] = {
    "genuine": lambda: judged(genuine()),
    "a passport": lambda: judged(passport(), trust_of("passport-td3")),
    "signed by ECDSA": lambda: judged(evidence_of(card_of(choices=Choices(aa="secp256r1")))),
    "without proofs": lambda: judged(evidence_of(card_of(choices=Choices(aa=None, ca_protocol=None)))),
    "files alone": lambda: judged(files_alone()),
    "no anchor": lambda: judged(genuine(), TrustStore.empty()),
    "no list": lambda: judged(genuine(), trust_of(crls=False)),
    "old list": lambda: judged(genuine(), now=NOW + timedelta(days=400)),
    "too early": lambda: judged(genuine(), now=NOW - timedelta(days=4000)),
    "far too late": lambda: judged(genuine(), now=NOW + timedelta(days=9000)),
    "another CSCA": lambda: judged(genuine(), TrustStore((Certificate.parse(other_card().trust["csca.cer"]),))),
    "expired": lambda: judged(evidence_of(card_of(choices=Choices(expired=True)))),
    "clone": lambda: judged(clone()),
    "says no": lambda: judged(answered(0x6982)),
    "cannot": lambda: judged(answered(0x6D00)),
    "changed": lambda: judged(changed("EF.DG1", -1)),
    "another citizen": lambda: judged(from_another_citizen()),
    "no EF.SOD": lambda: judged(without("EF.SOD")),
    "no EF.DG1": lambda: judged(without("EF.DG1")),
    "no EF.CardAccess": lambda: judged(without("EF.CardAccess", "EF.DG14")),
    "BAC": lambda: judged(by_bac_for_want_of_a_known_pace()),
    "BAC after PACE": lambda: judged(bac_after(f"{PACE_FAILED} (StatusWordError)")),
    "BAC as recorded": lambda: judged(bac_after(str(NO_PACE_KNOWN))),
    "unlocked": lambda: judged(replace(genuine(), access=replace(genuine().access, protocol="none"))),
    "known faults": lambda: judged(genuine(), with_lists()),
    "known faults of a changed card": lambda: judged(changed("EF.DG13", 99), with_lists()),
}  # fmt: skip


def english_in(said: object) -> Iterator[str]:
    """The templates that would be said in English; names of files, OIDs and the like are no sentences."""
    if isinstance(said, Said):
        name = re.fullmatch(r"[\w.]*", said.template) and (said.template not in VIETNAMESE)
        if said.template not in VIETNAMESE and not is_frame(said.template) and not name:
            yield said.template
        for value in said.values.values():
            yield from english_in(value)


def all_said(report: InspectionReport) -> Iterator[Said]:
    for check in report.checks:
        assert isinstance(check.detail, Said), check.name
        yield check.detail
        yield from (remark.text for remark in check.remarks)


def printed(report: InspectionReport) -> str:
    page = io.StringIO()
    show_report(report, "vi", Console(file=page, width=2000, highlight=False))
    return page.getvalue()


PIECES = sorted(
    {piece.strip() for template in VIETNAMESE for piece in _NAMES.split(template)[::2] if len(piece.strip()) > 12}
)
"""What an English sentence would be known by."""


@pytest.mark.parametrize("which", REPORTS)
def test_a_whole_report_is_in_vietnamese(which: str) -> None:
    report = REPORTS[which]()
    assert [template for said in all_said(report) for template in english_in(said)] == []
    page = printed(report) + "\n".join(in_language(said, "vi") for said in all_said(report))
    assert [piece for piece in PIECES if piece in page] == []


def test_the_reports_looked_at_are_of_every_outcome() -> None:
    reports = [make() for make in REPORTS.values()]
    assert {report.verdict for report in reports} == {Outcome.PASSED, Outcome.FAILED, Outcome.INDETERMINATE}
    seen = {(check.name, check.outcome) for report in reports for check in report.checks}
    for name in CheckName:
        assert len([outcome for check, outcome in seen if check is name]) >= 2, name


@pytest.mark.parametrize("name", ["EF.SOD", "EF.CardAccess", "EF.DG1", "EF.DG14", "EF.DG15"])
@pytest.mark.parametrize("part", range(24))
def test_whatever_is_broken_is_said_in_vietnamese(name: str, part: int) -> None:
    raw = genuine().files[name]
    at = part * len(raw) // 24
    cut = replace(genuine(), files={**genuine().files, name: raw[:at]})
    for evidence in (changed(name, at), changed(name, part), cut):
        assert [template for said in all_said(judged(evidence)) for template in english_in(said)] == []


def test_what_the_keeper_of_a_store_is_told_is_in_vietnamese(tmp_path: Path) -> None:
    from cccd_nfc.pki.trust_files import load_trust_store

    given = card_of().trust
    (tmp_path / "csca.cer").write_bytes(given["csca.cer"])
    (tmp_path / "csca.crl").write_bytes(given["csca.crl"])
    (tmp_path / "torn.cer").write_bytes(given["csca.cer"][:40])
    (tmp_path / "none.cer").write_bytes(b"\xff")
    for now in (NOW - timedelta(days=9000), NOW, NOW + timedelta(days=9000)):
        found = list(troubles(load_trust_store(tmp_path), now))
        assert len(found) >= 2
        assert [template for each in found for template in english_in(each.text)] == []


def test_a_check_without_a_sentence_of_ours_would_be_found() -> None:
    told = Check(CheckName.REVOCATION, Outcome.PASSED, Said("something new of {what}", what="x"), "")
    assert list(english_in(told.detail)) == ["something new of {what}"]
