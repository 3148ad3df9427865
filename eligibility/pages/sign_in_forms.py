"""What is typed when signing in."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from eligibility.channels import EMAIL, TEXT, can_send
from eligibility.identity import normal_email, only_digits, uk_mobile


def typed(request):
    """What was sent to a page, or None where it was only opened."""
    return request.POST if request.method == "POST" else None


class WhoForm(forms.Form):
    """One box for an email address or a mobile number. ``channel`` and ``address`` say which it was."""

    contact = forms.CharField(
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "spellcheck": "false", "autocapitalize": "none", "inputmode": "email"}
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["contact"]
        self.texts = can_send(TEXT)
        field.label = "What is your email address or mobile number?" if self.texts else "What is your email address?"
        field.help_text = "We will send a code to it. You do not need a password."
        asked = "email address or mobile number" if self.texts else "email address"
        field.error_messages = {
            "required": f"Enter your {asked}",
            "max_length": f"Enter your {asked}. This is too long to be one",
        }

    def clean_contact(self):
        typed = self.cleaned_data["contact"]
        mobile = uk_mobile(typed)
        if mobile and self.texts:
            self.channel, self.address = TEXT, mobile
            return typed
        self.channel, self.address = EMAIL, normal_email(typed)
        try:
            validate_email(self.address)
        except ValidationError:
            like = "Enter an email address, like name@example.com"
            number = ", or a UK mobile number, like 07700 900123" if self.texts and "@" not in typed else ""
            raise ValidationError(like + number) from None
        return typed


class DigitsForm(forms.Form):
    """A code, however it was spaced or pasted."""

    code = forms.CharField(
        max_length=200,
        error_messages={"required": "Enter the code", "max_length": "Enter the code alone, without other words"},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "spellcheck": "false",
                "class": "govuk-input--width-10 govuk-input--extra-letter-spacing",
            }
        ),
    )

    def __init__(self, *args, label: str, hint: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].label, self.fields["code"].help_text = label, hint

    def clean_code(self):
        digits = only_digits(self.cleaned_data["code"])
        if not digits:
            raise ValidationError("Enter the code. It has digits only")
        return digits
