"""The two card programs of vicc, filled from a card's folder: ePass (BAC, 3DES) and nPA (PACE by libeac)."""

from __future__ import annotations

import hashlib
from typing import Any

from card_folder import CARD_ACCESS_PLACE, EMRTD_AID, PLACES, CardFolder

_PACE_ARC = bytes.fromhex("04007F00070202 04")
_SIGNATURE_AID = bytes.fromhex("A000000167455349474E")
_DES3 = 1


def _files(card: CardFolder, *, with_card_access: bool) -> Any:
    """The master file with the application inside."""
    from virtualsmartcard.SmartcardFilesystem import DF, MF, TransparentStructureEF

    master = MF()
    if with_card_access:
        fid, sfi = CARD_ACCESS_PLACE
        master.append(TransparentStructureEF(parent=master, fid=fid, shortfid=sfi, data=card.card_access))
    application = DF(parent=master, fid=4, dfname=EMRTD_AID)
    for name, content in card.files.items():
        fid, sfi = PLACES[name]
        application.append(TransparentStructureEF(parent=application, fid=fid, shortfid=sfi, data=content))
    master.append(application)
    return master


# --- ePass -----------------------------------------------------------------------------------------------------------


def passport(card: CardFolder) -> Any:
    """The operating system of the ePass; it knows no PACE, so that EF.CardAccess is not on it."""
    from virtualsmartcard.cards.ePass import PassportSAM, ePass_SE
    from virtualsmartcard.SmartcardSAM import SAM
    from virtualsmartcard.VirtualSmartcard import Iso7816OS

    class Environment(ePass_SE):  # type: ignore[misc]
        def compute_cryptographic_checksum(self, p1: int, p2: int, data: bytes) -> Any:
            """With the counter in all its 8 bytes, which the shipped one shortens."""
            from virtualsmartcard import CryptoUtils

            self.ssc += 1
            return CryptoUtils.crypto_checksum("CC", self.cct.key, self.ssc.to_bytes(8, "big") + data)

    class AnyPassport(PassportSAM):  # type: ignore[misc]
        def __init__(self, master: Any) -> None:
            """With the key of any MRZ, where the shipped one finds it in a passport's only."""
            SAM.__init__(self, None, None, master, default_se=Environment)
            seed = hashlib.sha1(card.mrz_information.encode()).digest()[:16]
            self.KEnc, self.KMac = self.derive_key(seed, 1), self.derive_key(seed, 2)

    master = _files(card, with_card_access=False)
    return Iso7816OS(master, AnyPassport(master))


# --- nPA -------------------------------------------------------------------------------------------------------------


def identity_card(card: CardFolder) -> Any:
    """The operating system of the nPA, with the PACE that EF.CardAccess names."""
    import eac
    from virtualsmartcard.cards import nPA
    from virtualsmartcard.ConstantDefinitions import ALGO_MAPPING
    from virtualsmartcard.SmartcardFilesystem import DF, TransparentStructureEF

    oid = _pace_oid(card.card_access)
    ALGO_MAPPING[oid] = "PACE"
    nPA.eac = _ByCardAccess(eac, card.card_access)
    master = _files(card, with_card_access=True)
    # It insists on an EF.CardSecurity, and on an application for signatures.
    master.append(TransparentStructureEF(parent=master, fid=0x011D, shortfid=0x1D, data=bytes(512)))
    master.append(DF(parent=master, fid=5, dfname=_SIGNATURE_AID))
    pin, puk, can, mrz = b"111111", b"3333333333", card.can.encode(), card.mrz_as_td1.encode()
    program = nPA.NPAOS(master, nPA.nPA_SAM(pin, can, mrz, puk, pin, master))
    program.SAM.current_SE.cct.blocklength = 8 if oid[-1] == _DES3 else 16
    return program


def _pace_oid(card_access: bytes) -> bytes:
    """The value of the first PACE object identifier in EF.CardAccess, 10 bytes."""
    at = card_access.index(_PACE_ARC)
    return card_access[at : at + len(_PACE_ARC) + 2]


class _ByCardAccess:
    """libeac, with EF.CardAccess where the program asks it to take the parameters of EF.CardSecurity.

    Nor does it make keys for the Chip Authentication that comes after Terminal Authentication, which nobody does here.
    """

    def __init__(self, eac: Any, card_access: bytes) -> None:
        self._eac, self._card_access = eac, card_access

    def __getattr__(self, name: str) -> Any:
        return getattr(self._eac, name)

    def EAC_CTX_init_ef_cardsecurity(self, card_security: bytes, context: Any) -> Any:
        return self._eac.EAC_CTX_init_ef_cardaccess(self._card_access, context)

    def TA_STEP3_generate_ephemeral_key(self, context: Any) -> bytes:
        return b"\x00"

    def CA_STEP2_get_eph_pubkey(self, context: Any) -> bytes:
        return b"\x00"
