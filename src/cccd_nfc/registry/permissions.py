"""Which officer may do what: roles, acts, and the table between them (S-33).

An owner is no officer: the owner's role is proved by the card, and given to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum

from cccd_nfc.registry.lock_grounds import Role


class UnitKind(StrEnum):
    """Where a unit stands; there is no district since 1 March 2025 (L-23)."""

    COMMUNE = "commune"
    PROVINCE = "province"
    MINISTRY = "ministry"


class OfficerRole(StrEnum):
    """RECEIVING: takes in what citizens and authorities bring.  UNIT_HEAD: decides at the receiving unit.
    AGENCY_HEAD: of the ministry's identity agency.  HOTLINE: locks, and nothing else.  IMPORTER: enters what other
    systems say of cards and deaths.  AUDITOR: reads only.  ADMINISTRATOR: officers and stations, and no personal data.
    """

    RECEIVING = "receiving"
    UNIT_HEAD = "unit-head"
    AGENCY_HEAD = "agency-head"
    HOTLINE = "hotline"
    IMPORTER = "importer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Act(StrEnum):
    """What an officer may be asked to be allowed; every purpose of a card's transaction is one."""

    ENROL = "enrol"
    ACTIVATE = "activate"
    UNLINK = "unlink"
    LOCK_WITH_CARD = "lock"
    UNLOCK_WITH_CARD = "unlock"
    UNLOCK_AND_BIND = "unlock-and-bind"
    ASSIST = "assist"
    LEVEL_2 = "level-2"
    REPRESENT = "represent"
    ENROL_FOREIGNER = "enrol-foreigner"
    RENEW_PASSPORT = "renew-passport"
    ACTIVATE_WEB = "activate-web"
    RESET = "reset"
    CLEAR_HOLD = "clear-hold"
    CHANGE_PHONE = "change-phone"
    SET_EMAIL = "set-email"
    CONFIRM = "confirm"
    SAME_PERSON = "same-person"
    SEE_ACCOUNT = "see-account"
    SEE_PERSONAL = "see-personal"
    ANSWER_OWNER = "answer-owner"
    LIST_BREACH = "list-breach"
    APPLY_BY_HAND = "apply-by-hand"
    DECIDE_LEVEL = "decide-level"
    SEE_APPLICATIONS = "see-applications"
    ADD_PAPER = "add-paper"
    APPOINT = "appoint"
    IMPORT_STATUS = "import-status"
    TAKE_JOURNAL = "take-journal"
    SEE_OUTBOX = "see-outbox"
    KEEP_REGISTRY = "keep-registry"
    LOCK = "lock-by-word"
    CLEAR_LOCK = "clear-lock"
    NOTE_LOST_CARD = "note-lost-card"
    FILE_REQUEST = "file-request"
    FORWARD_REQUEST = "forward-request"
    DECIDE_REQUEST = "decide-request"
    SEE_REQUESTS = "see-requests"
    MANAGE_OFFICERS = "manage-officers"
    SEE_OFFICERS = "see-officers"
    OWN_KEYS = "own-keys"
    PROPOSE = "propose"
    APPROVE = "approve"


_R, _U, _G = OfficerRole.RECEIVING, OfficerRole.UNIT_HEAD, OfficerRole.AGENCY_HEAD
_H, _I = OfficerRole.HOTLINE, OfficerRole.IMPORTER
_AUDITOR, _ADMINISTRATOR = OfficerRole.AUDITOR, OfficerRole.ADMINISTRATOR
EVERYBODY = frozenset(OfficerRole)

PERMITTED: Mapping[Act, frozenset[OfficerRole]] = {
    Act.ENROL: frozenset({_R, _U}),
    Act.ACTIVATE: frozenset({_R, _U}),
    Act.UNLINK: frozenset({_R, _U}),
    Act.LOCK_WITH_CARD: frozenset({_R, _U}),
    Act.UNLOCK_WITH_CARD: frozenset({_R, _U}),
    Act.UNLOCK_AND_BIND: frozenset({_R, _U}),
    **dict.fromkeys(
        (
            *(Act.ASSIST, Act.LEVEL_2, Act.REPRESENT, Act.ENROL_FOREIGNER, Act.RENEW_PASSPORT, Act.ACTIVATE_WEB),
            *(Act.RESET, Act.CLEAR_HOLD, Act.CHANGE_PHONE, Act.SET_EMAIL),
        ),
        frozenset({_R, _U}),
    ),
    Act.CONFIRM: frozenset({_R, _U}),
    Act.SAME_PERSON: frozenset({_R, _U}),
    Act.SEE_ACCOUNT: frozenset({_R, _U, _G, _AUDITOR}),
    Act.SEE_PERSONAL: frozenset({_R, _U, _G}),
    Act.ANSWER_OWNER: frozenset({_R, _U}),
    Act.LIST_BREACH: frozenset({_G}),
    Act.APPLY_BY_HAND: frozenset({_R, _U}),
    Act.DECIDE_LEVEL: frozenset({_U, _G}),
    Act.SEE_APPLICATIONS: frozenset({_R, _U, _G, _AUDITOR}),
    Act.ADD_PAPER: frozenset({_R, _U}),
    Act.APPOINT: frozenset({_R, _U}),
    Act.IMPORT_STATUS: frozenset({_I}),
    Act.TAKE_JOURNAL: frozenset({_R, _U}),
    Act.SEE_OUTBOX: frozenset({_ADMINISTRATOR, _AUDITOR}),
    Act.KEEP_REGISTRY: frozenset({_ADMINISTRATOR}),
    Act.LOCK: frozenset({_R, _U, _H, _I}),
    Act.CLEAR_LOCK: frozenset({_I}),
    Act.NOTE_LOST_CARD: frozenset({_R, _U}),
    Act.FILE_REQUEST: frozenset({_R}),
    Act.FORWARD_REQUEST: frozenset({_R, _U}),
    Act.DECIDE_REQUEST: frozenset({_U, _G}),
    Act.SEE_REQUESTS: frozenset({_R, _U, _G, _AUDITOR}),
    Act.MANAGE_OFFICERS: frozenset({_ADMINISTRATOR}),
    Act.SEE_OFFICERS: frozenset({_ADMINISTRATOR, _AUDITOR}),
    Act.OWN_KEYS: EVERYBODY,
    Act.PROPOSE: EVERYBODY - {_AUDITOR},
    Act.APPROVE: EVERYBODY - {_AUDITOR},
}
"""Act -> who may do it. For proposals, `four_eyes.KINDS` says more; for locks, the law of the day does."""

STEP_UP = frozenset(
    {
        *(Act.CONFIRM, Act.UNLOCK_WITH_CARD, Act.UNLOCK_AND_BIND, Act.DECIDE_REQUEST),
        *(Act.MANAGE_OFFICERS, Act.OWN_KEYS, Act.APPROVE),
    }
)
"""Acts for which the login must be fresh (S-32)."""

FRESH = timedelta(minutes=5)

OFFICERS_ONLY = frozenset(
    {
        *(
            Act.UNLOCK_AND_BIND,
            Act.NOTE_LOST_CARD,
            Act.SAME_PERSON,
            Act.FILE_REQUEST,
            Act.FORWARD_REQUEST,
            Act.DECIDE_REQUEST,
        ),
        *(Act.MANAGE_OFFICERS, Act.SEE_OFFICERS, Act.OWN_KEYS, Act.PROPOSE, Act.APPROVE),
    }
)
"""Acts that no channel does without an officer, once there is one: no app, and not the system itself."""

_AS_THE_LAW_CALLS_THEM: Mapping[OfficerRole, frozenset[Role]] = {
    _R: frozenset({Role.OFFICER}),
    _U: frozenset({Role.OFFICER, Role.UNIT_HEAD}),
    _G: frozenset({Role.AGENCY_HEAD}),
    _H: frozenset({Role.HOTLINE}),
    _I: frozenset({Role.SYSTEM}),
    _AUDITOR: frozenset(),
    _ADMINISTRATOR: frozenset(),
}


def law_roles(roles: Iterable[OfficerRole]) -> frozenset[Role]:
    """What the law on locks calls an officer of these roles. Card and death data come from systems: an importer
    enters what they say, so that the law calls it the system."""
    return frozenset().union(*(_AS_THE_LAW_CALLS_THEM[role] for role in roles))


def roles_of(text: str) -> frozenset[OfficerRole]:
    """The roles as the database keeps them."""
    return frozenset(OfficerRole(word) for word in text.split())
