"""Card to evidence: the inspection procedure of ICAO 9303-11 (8th ed.) §4.2. Believes nothing, judges nothing.

The order spares exchanges and brings the verdict's bytes first: the proofs of genuineness run before the photo, so that
the photo's first answer is also what proves Chip Authentication.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from cccd_nfc.errors import CccdError, SecureMessagingError, StatusWordError, UnsupportedError
from cccd_nfc.evidence import ActiveAuthenticationRecord, ChipAuthenticationRecord, Evidence
from cccd_nfc.inspection.access import one, open_chip
from cccd_nfc.inspection.request import Request
from cccd_nfc.iso7816.apdu import SHORT_MAX_NE, SW_OK
from cccd_nfc.iso7816.files import Manner, read_by_sfi, read_file, select_file
from cccd_nfc.iso7816.flow import Flow, Observer, Phase, RandomBytes, Reset, Transport, run
from cccd_nfc.iso7816.get_response import with_get_response
from cccd_nfc.iso7816.meter import Meter
from cccd_nfc.lds.com import parse_com
from cccd_nfc.lds.dg15 import parse_dg15
from cccd_nfc.lds.files import EF_COM, EF_SOD, ElementaryFile, data_group
from cccd_nfc.lds.security_infos import parse_dg14
from cccd_nfc.pki.cms import signed_data_group_numbers
from cccd_nfc.protocol.active_authentication import active_authentication
from cccd_nfc.protocol.chip_authentication import chip_authentication
from cccd_nfc.protocol.secure_messaging import Channel

T = TypeVar("T")

PHOTO = 2
WANTED = (14, 15, 1, 13)
"""Data groups in the order in which they are read; the photo comes last and fingerprints (3) are never asked for."""


def read(
    request: Request,
    transport: Transport,
    *,
    random_bytes: RandomBytes,
    now: datetime,
    observers: Iterable[Observer] = (),
) -> Evidence:
    """`read_chip` run over `transport`, with what each phase cost."""
    meter = Meter()
    evidence = run(with_get_response(read_chip(request, random_bytes)), transport, (meter, *observers))
    return replace(evidence, phases=meter.phases(), read_at=now)


def read_chip(request: Request, random_bytes: RandomBytes) -> Flow[Evidence]:
    """Access, then every readable file that is wanted, then the proofs of genuineness, then the photo.

    Raises AccessDeniedError for a wrong password, CardError for answers that cannot be accepted, and what the
    transport raises when the card is gone.
    """
    manner = Manner(block=request.max_response)
    session = _Session(request, random_bytes, manner)
    try:
        return (yield from session.read())
    except SecureMessagingError:
        # A chip that refuses an extended command inside a session drops the session with it: once more, in short form.
        if manner.block <= manner.short_block:
            raise
    yield Reset()
    return (yield from _Session(replace(request, max_response=SHORT_MAX_NE), random_bytes, Manner()).read())


@dataclass(slots=True)
class _Session:
    """One run of the procedure, and what it has gathered so far."""

    request: Request
    random_bytes: RandomBytes
    manner: Manner
    files: dict[str, bytes] = field(default_factory=dict)
    unread: dict[str, int] = field(default_factory=dict)

    def read(self) -> Flow[Evidence]:
        # 1. Access to the chip (§4.2 steps 1 to 4): EF.CardAccess, then PACE or BAC, then the eMRTD application.
        access, channel = yield from open_chip(self.request, self.manner, self.files, self.random_bytes)

        # 2. The files that say what there is, then the keys and the data (§4.2 step 6).
        yield Phase("files")
        listed = yield from channel.secure(self._read_contents())

        # 3. Active Authentication (§6.1), over our challenge.
        signature = yield from channel.secure(self._active_authentication())

        # 4. Chip Authentication (§6.2): new keys for all that follows.
        proof, channel = yield from self._chip_authentication(channel)

        # 5. The photo; its first answer under the new keys proves the chip.
        proof = yield from self._finish(proof, channel, listed)
        return Evidence(
            files=self.files,
            unread=self.unread,
            access=access,
            active_authentication=signature,
            chip_authentication=proof,
        )

    def _read_contents(self) -> Flow[tuple[int, ...]]:
        """The numbers of the data groups that the chip has, by EF.SOD, else by EF.COM."""
        yield from self._read(EF_COM)
        yield from self._read(EF_SOD)
        listed = self._listed()
        for number in WANTED:
            if number in listed:
                yield from self._read(data_group(number))
        for number in set(listed) - {*WANTED, PHOTO}:
            self.unread[data_group(number).name] = 0
        return listed

    def _listed(self) -> tuple[int, ...]:
        for name, parse in ((EF_SOD.name, signed_data_group_numbers), (EF_COM.name, _com_numbers)):
            if name in self.files:
                try:
                    return parse(self.files[name])
                except CccdError:
                    continue  # what is wrong with the file is for the verification to say
        return (1, PHOTO)

    def _read_photo(self, listed: tuple[int, ...]) -> Flow[None]:
        photo = data_group(PHOTO)
        if PHOTO not in listed:
            return
        if not self.request.photo:
            self.unread[photo.name] = 0
            return
        yield Phase(photo.name)
        yield from self._read(photo)

    def _read(self, file: ElementaryFile) -> Flow[None]:
        """Puts the file's bytes, or the status word that came instead, where they belong."""
        try:
            self.files[file.name] = yield from read_file(file, self.manner)
        except StatusWordError as error:
            self.unread[file.name] = error.sw

    def _active_authentication(self) -> Flow[ActiveAuthenticationRecord | None]:
        key = _parsed(self.files, 15, parse_dg15)
        if key is None:
            return None
        yield Phase("Active Authentication")
        return (yield from active_authentication(self.request.challenge, key.size))

    def _chip_authentication(self, channel: Channel) -> Flow[tuple[ChipAuthenticationRecord | None, Channel]]:
        infos = _parsed(self.files, 14, parse_dg14)
        if infos is None or not infos.chip_authentication_public_keys:
            return None, channel
        yield Phase("Chip Authentication")
        try:
            return (yield from chip_authentication(infos, channel, self.random_bytes))
        except UnsupportedError:
            return None, channel

    def _finish(
        self, proof: ChipAuthenticationRecord | None, channel: Channel, listed: tuple[int, ...]
    ) -> Flow[ChipAuthenticationRecord | None]:
        if proof is None or proof.sw != SW_OK:
            yield from channel.secure(self._read_photo(listed))
            return proof
        try:
            yield from channel.secure(self._read_photo(listed))
            if channel.answers_verified == 0:
                yield from channel.secure(one(read_by_sfi(EF_COM, 8) if self.manner.by_sfi else select_file(EF_COM)))
        except SecureMessagingError:
            if channel.answers_verified:
                raise
            # The chip does not have the keys that its public key promises: a proof that failed, not a broken reading.
            self.unread.setdefault(data_group(PHOTO).name, 0)
        return replace(proof, proven=channel.answers_verified > 0)


def _parsed(files: dict[str, bytes], number: int, parse: Callable[[bytes], T]) -> T | None:
    """The data group as `parse` understands it; None when it is absent or broken, which the verification will say."""
    raw = files.get(data_group(number).name)
    try:
        return None if raw is None else parse(raw)
    except CccdError:
        return None


def _com_numbers(ef_com: bytes) -> tuple[int, ...]:
    return parse_com(ef_com).data_groups
