"""No telephony at all: the agent dials by hand from a link and says what happened."""

from collections.abc import Iterable
from uuid import UUID

from callbacks.dialers.base import CallEvent, CallRequest, Capability, Health, NotSupportedError


class ManualDialer:
    """The agent's own telephone. Reports nothing, so the desk asks the agent."""

    capabilities: frozenset[Capability] = frozenset()
    reports = False

    def health(self) -> Health:
        """A hand can always dial."""
        return Health(can_dial=True)

    def start(self, call: CallRequest) -> None:
        """Nothing to ask: the desk shows the number as a link."""

    def hang_up(self, key: UUID) -> None:
        """Nothing to ask: the agent has put the handset down."""

    def hold(self, key: UUID, *, on: bool) -> None:
        """Raises NotSupportedError: the agent's telephone does that."""
        raise NotSupportedError("Hold the call on your telephone")

    def reconcile(self, keys: Iterable[UUID]) -> list[CallEvent]:
        """Nothing is known but what the agent says."""
        return []
