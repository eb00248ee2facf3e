"""Files that are imported: the job, the file's bytes, and what becomes of each line."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class ExchangeJob(models.Model):
    """A file of contacts or callbacks on its way in; each stage goes on where it stopped."""

    class Kind(models.TextChoices):
        CONTACTS = "contacts", "Contacts"
        CALLBACKS = "callbacks", "Callbacks"

    class Stage(models.TextChoices):
        READING = "reading", "Being read"
        MAPPING = "mapping", "Columns to be confirmed"
        CHECKING = "checking", "Being checked"
        READY = "ready", "Checked, not imported"
        IMPORTING = "importing", "Being imported"
        DONE = "done", "Imported"
        BROKEN = "broken", "Not readable"

    WAITING = (Stage.READING, Stage.CHECKING, Stage.IMPORTING)

    key = models.UUIDField(default=uuid.uuid4, editable=False, help_text="Of the requests it makes")
    kind = models.CharField(max_length=10, choices=Kind)
    stage = models.CharField(max_length=10, choices=Stage)
    name = models.CharField(max_length=200)
    region = models.CharField(max_length=2, help_text="How national numbers are read")
    zone = models.CharField(max_length=64, help_text="Whose clock times without a zone are on")
    campaign_slug = models.SlugField(
        max_length=64, blank=True, db_index=False, help_text="Of lines that name none"
    )
    problem = models.CharField(max_length=200, blank=True, help_text="Why it cannot be read")
    delimiter = models.CharField(max_length=1, default=",")
    headings: "models.JSONField[Any]" = models.JSONField(default=list)
    columns: "models.JSONField[Any]" = models.JSONField(
        default=dict, help_text="Place in the file of each column that is read"
    )
    size = models.PositiveIntegerField(default=0, help_text="Bytes of text")
    first_offset = models.PositiveIntegerField(default=0, help_text="Bytes before the first row")
    first_line = models.PositiveIntegerField(default=0, help_text="Lines before the first row")
    offset = models.PositiveIntegerField(default=0, help_text="Where checking goes on, in bytes")
    line = models.PositiveIntegerField(default=0, help_text="The last line that was looked at")
    total = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    to_add = models.PositiveIntegerField(default=0)
    to_merge = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    merged = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "exchange_job"
        indexes: ClassVar = [
            # work_off_exchange: what is waiting for the worker, oldest first.
            models.Index(
                fields=["id"],
                condition=Q(stage__in=["checking", "importing", "reading"]),
                name="exchange_job_waiting",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def percent(self) -> int:
        """How much of what is going on is done; a workbook is read in one go."""
        if self.stage == self.Stage.CHECKING:
            return 100 * self.offset // max(self.size, 1)
        refused_before = self.total - self.to_add - self.to_merge
        done = self.added + self.merged + self.refused - refused_before
        return 100 * done // max(self.total - refused_before, 1)


class ExchangePiece(models.Model):
    """A part of a job's file, all of one length but the last, so that any place is found."""

    job = models.ForeignKey(
        ExchangeJob, on_delete=models.CASCADE, related_name="pieces", db_index=False
    )
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        db_table = "exchange_piece"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "number"], name="exchange_piece_once"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.number}"


class ExchangeLine(models.Model):
    """What becomes, or became, of one line. What it said is kept until it is imported."""

    class Outcome(models.TextChoices):
        NEW = "new", "will be added"
        MERGE = "merge", "will be merged"
        REFUSED = "refused", "refused"
        ADDED = "added", "added"
        MERGED = "merged", "merged"

    OPEN = (Outcome.NEW, Outcome.MERGE)

    job = models.ForeignKey(
        ExchangeJob, on_delete=models.CASCADE, related_name="lines", db_index=False
    )
    line = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome)
    column = models.CharField(max_length=100, blank=True, help_text="Its heading in the file")
    code = models.CharField(max_length=20, blank=True)
    message = models.CharField(max_length=200, blank=True)
    e164 = models.CharField(max_length=16, blank=True)
    said: "models.JSONField[Any]" = models.JSONField(default=dict, help_text="As it was understood")
    cells: "models.JSONField[Any]" = models.JSONField(default=list, help_text="As it stood there")

    class Meta:
        db_table = "exchange_line"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "line"], name="exchange_line_once"),
        ]
        indexes: ClassVar = [
            # The next chunk of an import.
            models.Index(
                fields=["job", "line"],
                condition=Q(outcome__in=["merge", "new"]),
                name="exchange_line_open",
            ),
            # The preview by outcome, and the error file.
            models.Index(fields=["job", "outcome", "line"], name="exchange_line_outcome"),
            # Checking: was this number in an earlier line of the file?
            models.Index(
                fields=["job", "e164"], condition=~Q(e164=""), name="exchange_line_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.outcome}"
