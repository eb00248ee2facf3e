"""People, their numbers, and what is open with them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from phonenumber_field.modelfields import PhoneNumberField

from contacts.rules.phone import LineType
from contacts.rules.timezones import ZoneSource


def _choices(values: type[LineType] | type[ZoneSource]) -> list[tuple[str, str]]:
    return [(value.value, value.value.replace("_", " ")) for value in values]


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
