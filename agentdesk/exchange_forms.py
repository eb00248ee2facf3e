"""What a supervisor tells an import: the file, how it is read, and which column is which."""

from typing import Any

from django import forms

from agentdesk.forms import all_zones
from callbacks.exchange.columns import TITLES, columns_of, needed
from callbacks.exchange.files import LARGEST
from callbacks.exchange.jobs import Options
from callbacks.exchange.models import ExchangeJob
from campaigns.models import Campaign
from contacts.rules.phone import calling_codes

NOT_THERE = "Not in the file"
NO_CAMPAIGN = "None: each line names it"
SHOWN_OF_A_CELL = 30


def _regions() -> list[tuple[str, str]]:
    return [(region, f"{region} {code}") for region, code in calling_codes()]


def _zones() -> list[tuple[str, str]]:
    return [(zone, zone.replace("_", " ")) for zone in all_zones()]


class FileForm(forms.Form):
    """A file of contacts or callbacks, and how it is read."""

    kind = forms.ChoiceField(
        label="What it has",
        choices=ExchangeJob.Kind.choices,
        error_messages={"required": "Choose what the file has",
                        "invalid_choice": "Choose what the file has"},
    )  # fmt: skip
    file = forms.FileField(
        label="CSV or XLSX file",
        max_length=200,
        allow_empty_file=True,  # said in our own words
        error_messages={"required": "Choose a CSV or XLSX file",
                        "max_length": "Give it a shorter name"},
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,text/csv"}),
    )  # fmt: skip
    region = forms.ChoiceField(
        label="National numbers are of",
        choices=_regions,
        error_messages={"required": "Choose a country", "invalid_choice": "Choose a country"},
    )
    zone = forms.ChoiceField(
        label="Times are on the clock of",
        choices=_zones,
        error_messages={"required": "Choose a place", "invalid_choice": "Choose a place"},
    )
    campaign = forms.ModelChoiceField(
        Campaign.objects.all(),
        label="Campaign where a line has none",
        to_field_name="slug",
        required=False,
        empty_label=NO_CAMPAIGN,
        error_messages={"invalid_choice": "Choose a campaign from the list"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self)

    def clean_file(self) -> Any:
        """A file that is not too large to look at."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError("The file is larger than 25 MB. Split it", code="large")
        return file

    def options(self, user_id: int) -> Options:
        """How the valid form wants the file read."""
        said = self.cleaned_data
        campaign = said["campaign"]
        return Options(
            said["kind"], said["region"], said["zone"], campaign.slug if campaign else "", user_id
        )


class ColumnsForm(forms.Form):
    """Which heading of the file is which column of ours."""

    def __init__(self, data: Any = None, *, job: ExchangeJob, sample: list[list[str]]) -> None:
        super().__init__(data, initial=job.columns)
        self.job = job
        headings = [(place, _heading(job, sample, place)) for place in range(len(job.headings))]
        for name in columns_of(job.kind):
            wanted = name in needed(job.kind)
            self.fields[name] = forms.TypedChoiceField(
                label=TITLES[name],
                choices=[("", NOT_THERE), *headings],
                coerce=int,
                empty_value=None,
                required=wanted,
                error_messages={
                    "required": f"Choose the column with the {TITLES[name].lower()}",
                    "invalid_choice": "Choose a column of the file",
                },
            )
        _dress(self)

    def clean(self) -> dict[str, Any]:
        """Each column of the file for one thing, and a campaign from somewhere."""
        said: dict[str, Any] = self.cleaned_data
        used: dict[int, str] = {}
        for name, place in said.items():
            if place is None:
                continue
            if place in used:
                twice = f"This column is the {TITLES[used[place]].lower()} already"
                self.add_error(name, forms.ValidationError(twice, code="twice"))
                return said
            used[place] = name
        if said.get("campaign", 0) is None and not self.job.campaign_slug:
            text = "Choose the column with the campaign, or send the file with one for all lines"
            self.add_error("campaign", forms.ValidationError(text, code="required"))
        return said

    def columns(self) -> dict[str, int]:
        """The places of the columns that the valid form has chosen."""
        return {name: place for name, place in self.cleaned_data.items() if place is not None}


def _heading(job: ExchangeJob, sample: list[list[str]], place: int) -> str:
    """A heading with an example of what is below it."""
    name = job.headings[place] or f"Column {place + 1}"
    example = next((row[place] for row in sample if row[place]), "")
    shown = example[:SHOWN_OF_A_CELL] + ("…" if len(example) > SHOWN_OF_A_CELL else "")
    return f"{name} ({shown})" if shown else name


def _dress(form: forms.Form) -> None:
    """Each control by the name that its label and its error use."""
    for name, field in form.fields.items():
        attributes = {"class": "field-input", "id": f"id_{name}"}
        if form.is_bound and name in form.errors:
            attributes |= {"aria-invalid": "true", "aria-describedby": f"id_{name}_error"}
        field.widget.attrs |= attributes
