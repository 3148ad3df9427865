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
    """``taken``: the last time a list of this run was taken. Then somebody has to answer for what became of it."""

    NOT_SENT = "Say that no list was sent and none will be. If one was sent, do not cancel this run."

    taken = forms.IntegerField(required=False, widget=forms.HiddenInput)
    not_sent = forms.BooleanField(
        label="I made sure that none of these lists was sent, and none will be",
        error_messages={"required": NOT_SENT},
    )
    reason = forms.CharField(
        label="Why is this run cancelled?",
        help_text="Do not write anything private about a person. It stays in the run's history, with your name.",
        max_length=500,
        error_messages={
            "required": "Say why this run is cancelled.",
            "max_length": "Write it in 500 letters or fewer.",
        },
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, last_taken: int | None, **more):
        super().__init__(*args, **more)
        self.fields["taken"].initial = last_taken
        if last_taken is None:
            del self.fields["not_sent"]

    def unsent_up_to(self) -> int | None:
        return self.cleaned_data["taken"] if self.cleaned_data.get("not_sent") else None


class ListForm(SeenForm):
    reason = forms.CharField(
        label="Why do you need this list?",
        help_text="For example: to send it. It stays in the run's history, with your name.",
        max_length=200,
        error_messages={"required": "Say why you need this list.", "max_length": "Write it in 200 letters or fewer."},
    )


class CameBackForm(SeenForm):
    reference = forms.CharField(
        label="Reference of the payment",
        help_text="As it stands in the bank's message, like CP 0000001A.",
        max_length=40,
        error_messages={
            "required": "Enter the reference of the payment that came back.",
            "max_length": "Enter the reference only, like CP 0000001A.",
        },
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off", "spellcheck": "false"}),
    )
    code = forms.CharField(
        label="The bank's code",
        help_text="The short code the bank gives as its reason, such as 5 or ARUCS-2. Only the code, no other words.",
        max_length=40,
        error_messages={
            "required": "Enter the code that the bank gave.",
            "max_length": "Enter the bank's code only, without other words.",
        },
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10", "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_reference(self) -> str:
        return " ".join(self.cleaned_data["reference"].upper().split())
