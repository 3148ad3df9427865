"""What is typed at the pages of a payment run. Shape only: whether it may happen is for the rules of runs."""

import re

from django import forms


class SeenForm(forms.Form):
    """A deed on the run that somebody looks at. It has changed when another stands for the day meanwhile."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)


class AuthoriseForm(SeenForm):
    digest = forms.CharField(required=False, widget=forms.HiddenInput)
    code = forms.CharField(
        label="Code from your authenticator app",
        help_text="Six digits. Each code works once.",
        error_messages={"required": "Enter the six digits that your authenticator app shows now."},
        widget=forms.TextInput(
            attrs={"class": "govuk-input--width-5", "inputmode": "numeric", "autocomplete": "one-time-code"}
        ),
    )

    def clean_code(self) -> str:
        code = re.sub(r"[\s-]", "", self.cleaned_data["code"])
        if not re.fullmatch(r"[0-9]{6}", code):
            raise forms.ValidationError("A code is six digits, like 123 456. Enter the one your app shows now.")
        return code


class CancelForm(SeenForm):
    reason = forms.CharField(
        label="Why is this run cancelled?",
        help_text="Do not write anything private about a person. It stays in the run's history, with your name.",
        max_length=500,
        error_messages={"required": "Say why this run is cancelled."},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ListForm(SeenForm):
    reason = forms.CharField(
        label="Why do you need this list?",
        help_text="For example: to upload it to the bank. It stays in the run's history, with your name.",
        max_length=200,
        error_messages={"required": "Say why you need this list."},
    )


class CameBackForm(SeenForm):
    reference = forms.CharField(
        label="Reference of the payment",
        help_text="As it stands in the bank's message, like CP 0000001A.",
        max_length=40,
        error_messages={"required": "Enter the reference of the payment that came back."},
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off", "spellcheck": "false"}),
    )
    code = forms.CharField(
        label="The bank's code",
        help_text="The short code the bank gives as its reason, such as 5 or ARUCS-2. Only the code, no other words.",
        max_length=40,
        error_messages={"required": "Enter the code that the bank gave."},
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10", "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_reference(self) -> str:
        return " ".join(self.cleaned_data["reference"].upper().split())
