"""Is the document of the state whose CSCA vouches for it? (ICAO 9303-12, 8th ed., §7.1.1.1, §7.1.1.2, §7.1.1.6)

The chain shows that *a* state signed. That it is the state in the MRZ has to be asked by itself: or any trusted CSCA
could vouch for a citizen card of Vietnam.
"""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.errors import CardError
from cccd_nfc.lds.dg1 import document_of
from cccd_nfc.lds.files import data_group
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.findings import Finding, failed, remark, unknown
from cccd_nfc.pki.states import UTOPIA, countries_of
from cccd_nfc.report import Outcome, RemarkCode
from cccd_nfc.sentences import Said

_DG1 = data_group(1).name


def check_state(chain: Finding, signer: Certificate | None, files: Mapping[str, bytes]) -> Finding:
    """`chain`, unless it passed and the document in EF.DG1 is of another state than its signer, or of no known one."""
    if chain.outcome is not Outcome.PASSED or signer is None or _DG1 not in files:
        return chain
    try:
        code, state = document_of(files[_DG1])
    except CardError:
        return chain  # EF.DG1 has a check of its own
    return _of_state(chain, signer, code, state)


def _of_state(chain: Finding, signer: Certificate, code: str, state: str) -> Finding:
    if state == UTOPIA:
        chain = chain.with_remarks(remark(RemarkCode.SPECIMEN, "a specimen: Utopia is no state"))
    elif state not in signer.mrz_codes:
        wanted = countries_of(state)
        if wanted is None:
            return unknown(Said("the document is of a state that is not known here"), chain.facts)
        if signer.country not in wanted:
            template = "the document is of {state}, and its signer of {country}"
            return failed(Said(template, state=state, country=signer.country or Said("no country")), chain.facts)
    types = signer.document_types
    if types and not {code, code[:1]} & types:
        said = "the signer's certificate is for documents of the type {types}, and this one is {this}"
        return chain.with_remarks(remark(RemarkCode.DOCUMENT_TYPE, said, types=", ".join(sorted(types)), this=code))
    return chain
