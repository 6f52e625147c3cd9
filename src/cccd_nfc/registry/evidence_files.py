"""Which files evidence must hold before the registry acts on it, and what in it stands for the portrait.

Verification judges what was read; a reading that broke off, or from which somebody has cut a file, is judged by the
rest. So what the issuer signs and the checks compare must be there: EF.DG1; EF.DG13, of a citizen's card always, since
it is held against EF.DG1; EF.DG14, which PACE's parameters are held against; EF.DG15, the key of Active Authentication;
and EF.CardAccess, where PACE was run by it. EF.COM is not asked for: nobody signs it, and EF.SOD lists the same.
Portrait and fingerprints are not asked for either: the portrait may be left unread to save time, and has its hash in
EF.SOD; fingerprints do not open to this reader.
"""

from __future__ import annotations

from cccd_nfc.errors import CardError, NotVerifiedError
from cccd_nfc.evidence import Evidence
from cccd_nfc.lds.files import EF_CARD_ACCESS, EF_SOD, data_group
from cccd_nfc.lds.sod import LDSSecurityObject, parse_lds_security_object
from cccd_nfc.pki.security_object import parse_sod
from cccd_nfc.sentences import Said

WANTED = (1, 13, 14, 15)
"""Data groups that must have been read where EF.SOD lists them."""

ALWAYS = (1, 13)
"""Those that the EF.SOD of a citizen's card must list."""

PORTRAIT = 2


def check_complete(evidence: Evidence, *, citizen: bool) -> None:
    """NotVerifiedError, which names the file, for evidence from which one is missing. EF.SOD is verified already."""
    listed = set(_signed(evidence).hashes)
    wanted = [number for number in WANTED if number in listed or (citizen and number in ALWAYS)]
    names = [data_group(number).name for number in wanted]
    if evidence.access.protocol == "PACE":
        names.append(EF_CARD_ACCESS.name)
    for name in names:
        if name not in evidence.files:
            raise NotVerifiedError(Said("the evidence is not complete: {file} is missing", file=name))


def portrait_reference(evidence: Evidence) -> str:
    """The hash of EF.DG2 as EF.SOD signs it, hex; empty for a card without a portrait."""
    return _signed(evidence).hashes.get(PORTRAIT, b"").hex()


def holds_portrait(evidence: Evidence) -> bool:
    return data_group(PORTRAIT).name in evidence.files


def _signed(evidence: Evidence) -> LDSSecurityObject:
    try:
        return parse_lds_security_object(parse_sod(evidence.files[EF_SOD.name]).content)
    except (CardError, KeyError) as error:
        raise NotVerifiedError("EF.SOD cannot be read") from error
