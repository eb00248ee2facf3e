"""What a supervisor tells the do-not-call list: a number, a file."""

from typing import Any

from django import forms
from django.conf import settings

from callbacks.actions.dnc_import import LARGEST
from campaigns.models import Campaign
from contacts.rules.phone import NumberRefusedError, calling_codes, example_of, read_any_number

EVERYWHERE = "Everywhere"


class NumberField(forms.CharField):
    """A number as anybody writes it; becomes E.164. National ones are those of our country."""

    def __init__(self, **kwargs: Any) -> None:
        required = {"required": "Enter the number", "max_length": "This is no telephone number"}
        super().__init__(max_length=40, error_messages=required, **kwargs)

    def clean(self, value: Any) -> str:
        """E.164. Raises ValidationError with the code ``impossible``."""
        text = super().clean(value)
        region = settings.PHONENUMBER_DEFAULT_REGION
        try:
            return read_any_number(text, region)
        except NumberRefusedError as error:
            example = example_of(region)
            raise forms.ValidationError(
                f"Enter a whole number, such as {example} or +351 912 345 678", code=error.code
            ) from error


class SearchForm(forms.Form):
    """Is this number on the list?"""

    number = NumberField()


class AddForm(forms.Form):
    """Put this number on the list."""

    number = NumberField()
    campaign = forms.ModelChoiceField(
        Campaign.objects.all(),
        to_field_name="slug",
        required=False,
        empty_label=EVERYWHERE,
        error_messages={"invalid_choice": "Choose a campaign from the list"},
    )
    reason = forms.CharField(
        required=False,
        max_length=200,
        error_messages={"max_length": "Write at most %(limit_value)d characters"},
    )


class UploadForm(forms.Form):
    """Put the numbers of this file on the list."""

    file = forms.FileField(
        max_length=200,
        allow_empty_file=True,  # said in our own words
        error_messages={"required": "Choose a CSV file", "max_length": "Give it a shorter name"},
    )
    region = forms.ChoiceField(
        choices=[(region, f"{region} {code}") for region, code in calling_codes()],
        error_messages={"required": "Choose a country", "invalid_choice": "Choose a country"},
    )

    def clean_file(self) -> Any:
        """A file that is not too large to look at."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError("The file is larger than 10 MB. Split it", code="large")
        return file
