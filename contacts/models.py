"""People, their numbers, and what is open with them."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Reverse
from phonenumber_field.modelfields import PhoneNumberField

from contacts.rules.phone import LineType
from contacts.rules.timezones import ZoneSource


def _choices(values: type[LineType] | type[ZoneSource]) -> list[tuple[str, str]]:
    return [(value.value, value.value.replace("_", " ")) for value in values]


class PlainName(models.Func):
    """A name as it is searched for: without accents, in one case."""

    function = "plain_name"
    output_field = models.TextField()


class PhoneNumber(models.Model):
    """One number in the world, whoever answers it. Locking its row orders all that concerns it."""

    e164 = PhoneNumberField(unique=True)
    region = models.CharField(max_length=3, blank=True, help_text="ISO code, or 001")
    line_type = models.CharField(max_length=16, choices=_choices(LineType), default=LineType.OTHER)
    zones = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    dnc_hash = models.CharField(max_length=64, editable=False, db_index=True)
    invalid_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "phone_number"
        indexes = [
            # callbacks.search: by the last digits, whatever stands in front.
            models.Index(
                OpClass(Reverse("e164", output_field=models.TextField()), name="text_pattern_ops"),
                name="phone_number_ending",
            ),
        ]

    def __str__(self) -> str:
        return str(self.e164)


class Contact(models.Model):
    """Somebody whom we may call. ``zones`` are candidates: all of them have to be open."""

    name = models.CharField(max_length=120, blank=True)
    numbers: "models.ManyToManyField[PhoneNumber, ContactNumber]" = models.ManyToManyField(
        PhoneNumber, through="ContactNumber", related_name="contacts"
    )
    zones = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    zone_source = models.CharField(
        max_length=10, choices=_choices(ZoneSource), default=ZoneSource.UNKNOWN
    )
    place = models.CharField(
        max_length=8, blank=True, help_text="Where they live, such as US-FL: decides quiet hours"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "contact"
        indexes = [
            # callbacks.search: by a part of the name.
            GinIndex(OpClass(PlainName("name"), "gin_trgm_ops"), name="contact_name_plain"),
        ]

    def __str__(self) -> str:
        return self.name or f"Contact {self.pk}"

    @property
    def zone(self) -> str:
        """The zone to show: the first candidate, or nothing."""
        return self.zones[0] if self.zones else ""


class ContactNumber(models.Model):
    """That a contact can be reached at a number."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE)
    number = models.ForeignKey(PhoneNumber, on_delete=models.CASCADE)

    class Meta:
        db_table = "contact_number"
        constraints = [
            models.UniqueConstraint(fields=["number", "contact"], name="contact_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} at {self.number_id}"


class DoNotCall(models.Model):
    """A number that must not be called: everywhere, or in the campaign whose slug is ``scope``.

    Kept as a keyed hash, so that it outlives the erasure of the contact and the number.
    """

    number_hash = models.CharField(max_length=64)
    scope = models.SlugField(max_length=64, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    source = models.CharField(
        max_length=10, blank=True, help_text="desk, form, api, import or supervisor"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "do_not_call"
        constraints = [
            # Also the index behind every gate decision: is this hash on the list?
            models.UniqueConstraint(fields=["number_hash", "scope"], name="do_not_call_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number_hash[:8]}… {self.scope or 'everywhere'}"


class DncImport(models.Model):
    """A CSV file of numbers that must not be called: checked first, then listed in chunks.

    The file itself is kept only until it is checked; no plain number outlives that.
    """

    class State(models.TextChoices):
        CHECKING = "checking", "Being checked"
        READY = "ready", "Checked, not imported"
        IMPORTING = "importing", "Being imported"
        DONE = "done", "Imported"

    name = models.CharField(max_length=200)
    region = models.CharField(max_length=2, help_text="How national numbers are read")
    state = models.CharField(max_length=10, choices=State, default=State.CHECKING)
    content = models.TextField(blank=True)
    size = models.PositiveIntegerField(help_text="Characters")
    delimiter = models.CharField(max_length=1)
    columns: "models.JSONField[Any]" = models.JSONField(
        help_text="Place of each column that is read"
    )
    ignored: "models.JSONField[Any]" = models.JSONField(
        default=list, help_text="Headings that are not read"
    )
    offset = models.PositiveIntegerField(default=0, help_text="Where checking goes on")
    line = models.PositiveIntegerField(default=0, help_text="The last line that was checked")
    total = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    listed = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    cancelled = models.PositiveIntegerField(default=0, help_text="Callbacks")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "dnc_import"
        indexes = [
            # work_off_imports: what is waiting for the worker, oldest first.
            models.Index(
                fields=["id"],
                condition=models.Q(state__in=["checking", "importing"]),
                name="dnc_import_open",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def percent(self) -> int:
        """How much of what is going on is done."""
        if self.state == self.State.CHECKING:
            return 100 * self.offset // max(self.size, 1)
        return 100 * (self.refused + self.listed + self.known) // max(self.total, 1)


class DncImportLine(models.Model):
    """What becomes, or became, of one line of an import."""

    class Outcome(models.TextChoices):
        READY = "ready", "will be listed"
        LISTED = "listed", "listed"
        KNOWN = "known", "was listed already"
        REFUSED = "refused", "refused"

    job = models.ForeignKey(DncImport, on_delete=models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    column = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=20, blank=True)
    message = models.CharField(max_length=200, blank=True)
    number_hash = models.CharField(max_length=64, blank=True)
    scope = models.SlugField(max_length=64, blank=True, db_index=False)
    reason = models.CharField(max_length=200, blank=True)
    cancelled = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "dnc_import_line"
        constraints = [
            models.UniqueConstraint(fields=["job", "line"], name="dnc_import_line_once"),
        ]
        indexes = [
            # The next chunk of an import.
            models.Index(
                fields=["job", "line"],
                condition=models.Q(outcome="ready"),
                name="dnc_import_line_ready",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.outcome}"


class Intent(models.Model):
    """A matter that is open with a contact until somebody resolves it."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        RESOLVED = "resolved", "Resolved"
        ABANDONED = "abandoned", "Given up"

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="intents")
    name = models.CharField(max_length=120)
    detail = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    attempt_count = models.PositiveIntegerField(default=0)
    campaign_slug = models.SlugField(max_length=64, blank=True, help_text="Who works on it")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "intent"

    def __str__(self) -> str:
        return self.name


class Interaction(models.Model):
    """One contact that took place: what was said, by whom, through which channel."""

    class Channel(models.TextChoices):
        CALL_IN = "call_in", "Call in"
        CALLBACK = "callback", "Callback"
        CHAT = "chat", "Chat"
        EMAIL = "email", "E-mail"
        WEB = "web", "Web form"

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="interactions")
    channel = models.CharField(max_length=10, choices=Channel)
    at = models.DateTimeField()
    subject = models.CharField(max_length=200, blank=True)
    summary = models.TextField(blank=True)
    with_whom = models.CharField(max_length=120, blank=True)
    seconds = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        db_table = "interaction"
        indexes = [
            # The contact pane: newest first.
            models.Index(fields=["contact", "-at"], name="interaction_newest"),
        ]

    def __str__(self) -> str:
        return self.subject or self.get_channel_display()
