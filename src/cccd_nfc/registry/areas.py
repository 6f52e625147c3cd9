"""The registry's areas: what belongs together, each an object of its own with acts of its own."""

from __future__ import annotations

from cccd_nfc.registry.borrowed import Borrowed
from cccd_nfc.registry.contacts import Contacts
from cccd_nfc.registry.device_calls import DeviceCalls
from cccd_nfc.registry.documents import Documents
from cccd_nfc.registry.foreigners import Foreigners
from cccd_nfc.registry.four_eyes import FourEyes
from cccd_nfc.registry.heads import Heads
from cccd_nfc.registry.integrated_papers import Papers
from cccd_nfc.registry.levels import Levels
from cccd_nfc.registry.logins import Logins
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.officer_login import OfficerLogins
from cccd_nfc.registry.officers import Officers
from cccd_nfc.registry.outbox import Outbox
from cccd_nfc.registry.privacy import Privacy
from cccd_nfc.registry.questions import Questions
from cccd_nfc.registry.representatives import Representatives
from cccd_nfc.registry.resets import Resets
from cccd_nfc.registry.secret_checks import SecretChecks
from cccd_nfc.registry.secret_policy import SecretPolicy
from cccd_nfc.registry.stations import Stations
from cccd_nfc.registry.subject_requests import SubjectRequests
from cccd_nfc.registry.web_activation import WebActivation


class Areas:
    """Each area acts by the same office, and so for the same officer, channel and desk."""

    _office: Office

    @property
    def secret_policy(self) -> SecretPolicy:
        return self._office.secrets

    @property
    def officers(self) -> Officers:
        return Officers(self._office)

    @property
    def stations(self) -> Stations:
        return Stations(self._office)

    @property
    def officer_logins(self) -> OfficerLogins:
        return OfficerLogins(self._office)

    @property
    def four_eyes(self) -> FourEyes:
        return FourEyes(self._office)

    @property
    def representatives(self) -> Representatives:
        return Representatives(self._office)

    @property
    def levels(self) -> Levels:
        return Levels(self._office)

    @property
    def papers(self) -> Papers:
        return Papers(self._office)

    @property
    def foreigners(self) -> Foreigners:
        return Foreigners(self._office)

    @property
    def device_calls(self) -> DeviceCalls:
        return DeviceCalls(self._office)

    @property
    def borrowed(self) -> Borrowed:
        return Borrowed(self._office)

    @property
    def heads(self) -> Heads:
        """The heads of the audit log that are signed and carried away by themselves."""
        return Heads(self._office)

    @property
    def documents(self) -> Documents:
        """Letters that answer requests, and the forms that these came on."""
        return Documents(self._office)

    @property
    def logins(self) -> Logins:
        return Logins(self._office)

    @property
    def web(self) -> WebActivation:
        return WebActivation(self._office)

    @property
    def secret_checks(self) -> SecretChecks:
        return SecretChecks(self._office)

    @property
    def resets(self) -> Resets:
        return Resets(self._office)

    @property
    def questions(self) -> Questions:
        return Questions(self._office)

    @property
    def messages(self) -> Outbox:
        """What waits to be sent, and what a device fetches."""
        return Outbox(self._office)

    @property
    def contacts(self) -> Contacts:
        """Numbers and e-mail addresses."""
        return Contacts(self._office)

    @property
    def privacy(self) -> Privacy:
        """Logged reads, export, erasure, terms and breaches of personal data."""
        return Privacy(self._office)

    @property
    def subject_requests(self) -> SubjectRequests:
        """What persons ask of their own data."""
        return SubjectRequests(self._office)
