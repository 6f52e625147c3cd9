"""What is against secrets that an owner is still choosing, by the rules of the act that will set them (R-050 to R-052).

Only whoever may set them is told: the grant of a web activation, or a login. Nothing is kept and nothing is counted.
"""

from __future__ import annotations

from dataclasses import dataclass

from cccd_nfc.registry import owner_sessions
from cccd_nfc.registry.account_secrets import person_of
from cccd_nfc.registry.models import Account
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.secret_rules import VNEID, Reason, passcode_reasons, password_reasons
from cccd_nfc.registry.web_activation import waiting_account, with_grant


@dataclass(frozen=True, slots=True)
class Broken:
    """The rules that a password and a passcode break; both empty for what is accepted."""

    password: tuple[Reason, ...] = ()
    passcode: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class SecretChecks:
    """For a page that says it while one types."""

    office: Office

    def of_activation(self, transaction_id: str, grant: str, password: str, passcode: str) -> Broken:
        """Raises as `WebActivation.finish` for a grant that opens nothing, or nothing any more."""
        now = self.office.clock()
        with self.office.database.write() as session:
            account = waiting_account(session, with_grant(session, transaction_id, grant), now)
            return _broken(account, password, passcode)

    def of_login(self, token: str, password: str) -> Broken:
        """LoginNeededError when the login has ended."""
        now = self.office.clock()
        with self.office.database.write() as session:
            account = owner_sessions.current(self.office, session, token, now).account
            return Broken(password_reasons(password, person_of(account), VNEID))


def _broken(account: Account, password: str, passcode: str) -> Broken:
    person = person_of(account)
    return Broken(password_reasons(password, person, VNEID), passcode_reasons(passcode, person))
