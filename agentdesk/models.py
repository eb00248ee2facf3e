"""Who works here, and are they ready?"""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from campaigns.models import Campaign


class UserManager(BaseUserManager["User"]):
    """Users are known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user with the given address; without a password nobody can sign in as them."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An administrator."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user with that address, in any case."""
        return self.get(email__iexact=username)


class User(AbstractUser):
    """Anybody who signs in. Roles are groups: agent, supervisor, administrator."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(unique=True)
    zone = models.CharField(max_length=64, default="Europe/London")
    single_keys = models.BooleanField(
        db_default=True, help_text="Whether keys without Ctrl act outside fields"
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        db_table = "user"
        constraints: ClassVar = [
            # One account per address, in whichever case it is typed.
            models.UniqueConstraint(Lower("email"), name="user_email_any_case"),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def get_full_name(self) -> str:
        """First and last name, or the address."""
        return super().get_full_name() or self.email


class Agent(models.Model):
    """A user who takes callbacks, and their presence.

    Offered and in work are not kept here: they follow from the callback that the agent holds.
    """

    class Presence(models.TextChoices):
        NOT_READY = "not_ready", "Not Ready"
        READY = "ready", "Ready"
        WRAP_UP = "wrap_up", "Wrap-up"

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE)
    campaigns = models.ManyToManyField(Campaign, blank=True, related_name="agents")
    presence = models.CharField(max_length=10, choices=Presence, default=Presence.NOT_READY)
    reason = models.CharField(max_length=60, blank=True)
    since = models.DateTimeField(db_default=Now())
    wrap_up_until = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "agent"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(presence="wrap_up", wrap_up_until__isnull=False)
                | ~Q(presence="wrap_up") & Q(wrap_up_until__isnull=True),
                name="agent_wrap_up_until",
            ),
        ]
        indexes: ClassVar = [
            # match_idle_agents: longest idle first; end of wrap-up.
            models.Index(
                fields=["presence", "since"],
                condition=~Q(presence="not_ready"),
                name="agent_idle",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)


class ApiKey(models.Model):
    """A bearer key of a program: ``prefix.secret``. Only a hash of the secret is kept."""

    name = models.CharField(max_length=80, help_text="Whose key it is")
    prefix = models.CharField(max_length=16, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=20))
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_key"

    def __str__(self) -> str:
        return f"{self.name} {self.prefix}"


class SavedView(models.Model):
    """A tab with filters and an order that a supervisor has given a name."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    query = models.TextField(help_text="As it stands in the address")

    class Meta:
        db_table = "saved_view"
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "name"], name="saved_view_once"),
        ]

    def __str__(self) -> str:
        return self.name


class BulkJob(models.Model):
    """One action on all callbacks that matched a view when it was asked for.

    Which ones they are was written down at that moment; the worker does one after the other.
    """

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        STOPPED = "stopped", "Stopped"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="bulk_jobs")
    verb = models.CharField(max_length=30)
    fields: "models.JSONField[Any]" = models.JSONField(
        default=dict, help_text="What the form of the action said"
    )
    query = models.TextField(help_text="The view, as it stood in the address")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bulk_job"
        indexes: ClassVar = [
            # work_off_bulk_jobs: what is waiting for the worker, oldest first.
            models.Index(
                fields=["id"], condition=models.Q(state="running"), name="bulk_job_running"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.pk}"

    @property
    def percent(self) -> int:
        """How much of it has been worked off."""
        return 100 * (self.done + self.refused) // max(self.total, 1)


class BulkLine(models.Model):
    """What became of one callback of a job; without an outcome it waits for the worker."""

    class Outcome(models.TextChoices):
        WAITING = "", "Waiting"
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="lines")
    callback = models.ForeignKey(
        "callbacks.Callback", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WAITING, blank=True)
    code = models.CharField(max_length=30, blank=True)
    message = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "bulk_line"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "callback"], name="bulk_line_once"),
        ]
        indexes: ClassVar = [
            # The next chunk of a job.
            models.Index(
                fields=["job", "id"], condition=models.Q(outcome=""), name="bulk_line_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.callback_id}: {self.outcome or 'waiting'}"
