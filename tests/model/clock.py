"""Time that the model moves by itself: the database's clock and the carrier's, in step.

Every statement of the product reads ``now()``. Within the test's transaction a schema of the test
stands before ``pg_catalog``, so that these read a setting; the rollback takes all of it away. The
same run is then the same run at any hour of any day, and a night costs nothing.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import connection

from callbacks.dialers import simulator
from callbacks.dialers.simulator import Simulator

_SCHEMA = """
CREATE SCHEMA model_time;
CREATE FUNCTION model_time.now() RETURNS timestamptz LANGUAGE sql STABLE AS
  $$ SELECT current_setting('model.now')::timestamptz $$;
CREATE FUNCTION model_time.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS
  $$ SELECT current_setting('model.now')::timestamptz $$;
DO $$
DECLARE it record;
BEGIN
  FOR it IN SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND column_default ~* '(statement_timestamp|now)\\(\\)'
  LOOP
    EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET DEFAULT model_time.now()',
      it.table_name, it.column_name);
  END LOOP;
END $$;
"""


class Clock:
    """The moment, for the database and for the carrier."""

    def __init__(self) -> None:
        self.now = datetime.min.replace(tzinfo=UTC)

    def install(self) -> None:
        """Put the model's ``now()`` before PostgreSQL's until the transaction ends."""
        with connection.cursor() as cursor:
            cursor.execute(_SCHEMA)
            cursor.execute("SET LOCAL search_path = model_time, pg_catalog, public")

    def set(self, moment: datetime) -> None:
        """It is this moment now, for the database too."""
        self.now = moment
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('model.now', %s, true)", [moment.isoformat()])

    def time(self) -> float:
        return self.now.timestamp()

    def sleep(self, seconds: float) -> None:
        """A carrier that answers slowly: nothing else happens meanwhile."""
        self.set(self.now + timedelta(seconds=seconds))


class Carrier(Simulator):
    """The simulator in the model's time. ``dies`` fells our process before or after it asks."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        super().__init__(folder, speed=1, clock=clock)
        self.dies = ""
        self.up_to: float = 0

    def beat(self) -> None:
        self.up_to = self._clock.time() + simulator.HEARTBEAT_SECONDS

    def health(self) -> simulator.Health:
        if self._clock.time() < self.up_to:
            return simulator.Health(can_dial=True)
        return simulator.Health(can_dial=False, why="The telephone line is down")

    def start(self, call: simulator.CallRequest) -> None:
        dies, self.dies = self.dies, ""
        if dies == "before":
            raise KilledError
        super().start(call)
        if dies == "after":
            raise KilledError


class KilledError(Exception):
    """The process that asked the carrier is no more. No part of the product catches this."""
