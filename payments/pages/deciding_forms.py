"""What a decider fills in. Shape only: whether it may be done is for the rules."""

import re

from django import forms

from payments.rules.claims import SAY_WHY_LESS, reasons_against_part
from payments.rules.money import to_pennies

MOST_WORDS = 1000
# 1,250.00, and not 37,50: who writes pence behind a comma is asked, not paid a hundred times as much.
THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")


class SeenForm(forms.Form):
    """Every deed on a claim says up to which event its decider had seen the claim. Anything else saw nothing of it."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_seen(self) -> int:
        told = self.cleaned_data["seen"]
        return int(told) if re.fullmatch(r"[0-9]{1,18}", told) else 0


def words_field(label: str, hint: str, missing: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": "5"}),
        error_messages={"required": missing, "max_length": f"Write it in {MOST_WORDS} letters or fewer."},
    )


class ReturnForm(SeenForm):
    words = words_field(
        "What do you need?",
        "They read these words. Ask for one thing, and say how to give it: by e-mail, post or telephone.",
        "Write what you need, so that the person can be told.",
    )


class RefuseForm(SeenForm):
    why = words_field(
        "Why is it refused?",
        "They read these words. Say what in the policy it is about.",
        "Say why, so that the person can be told.",
    )
    can_do = words_field(
        "What can they do next?",
        "For example: whom to ring, what to send, who else can help.",
        "Write what the person can do next.",
    )

    def reason(self) -> str:
        return f"{self.cleaned_data['why']}\n\nWhat you can do next: {self.cleaned_data['can_do']}"


class UndoForm(SeenForm):
    why = words_field(
        "Why do you undo the approval?",
        "Only staff read these words. The person is told that we look at the claim again, and not why.",
        "Say why the approval is undone.",
    )


class PoundsField(forms.CharField):
    """An amount in pounds and pence. What somebody copies with its £ sign, or commas after thousands, is as good."""

    def to_python(self, value):
        value = super().to_python(value).removeprefix("£").strip()
        return value.replace(",", "") if THOUSANDS.fullmatch(value) else value

    def clean(self, value):
        text = super().clean(value)
        try:
            return to_pennies(text)
        except ValueError as advice:
            raise forms.ValidationError(str(advice)) from None


class AmountForm(SeenForm):
    amount = PoundsField(
        label="What is the time worth?",
        error_messages={"required": "Enter the amount, like 30 or 37.50."},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "spellcheck": "false", "class": "govuk-input--width-5"}),
    )
    why = words_field(
        "Why is this the right amount?",
        "They read these words.",
        "Say why this is the right amount, so that the person can be told.",
    )


class PartForm(SeenForm):
    """How much of each cost is approved, and why where it is less."""

    def __init__(self, *args, expenses, titles, **more):
        super().__init__(*args, **more)
        self.expenses = expenses
        for expense in expenses:
            title = titles[expense.pk]
            self.fields[f"amount_{expense.pk}"] = PoundsField(
                label="Amount to approve",
                initial=f"{expense.amount_asked}",
                error_messages={"required": f"Enter the amount to approve for {title}. Enter 0 to approve nothing."},
                widget=forms.TextInput(
                    attrs={"inputmode": "decimal", "spellcheck": "false", "class": "govuk-input--width-5"}
                ),
            )
            self.fields[f"reason_{expense.pk}"] = forms.CharField(
                label="If it is less, say why",
                help_text="They read these words.",
                required=False,
                max_length=MOST_WORDS,
                error_messages={"max_length": f"Write it in {MOST_WORDS} letters or fewer."},
                widget=forms.TextInput,
            )

    def lines(self):
        """Each cost with its two boxes."""
        return [(each, self[f"amount_{each.pk}"], self[f"reason_{each.pk}"]) for each in self.expenses]

    def clean(self):
        """What the deed would refuse is said beside the box it is about."""
        for expense in self.expenses:
            amount, reason = (self.cleaned_data.get(f"{name}_{expense.pk}") for name in ("amount", "reason"))
            if amount is None or reason is None:
                continue
            for found in reasons_against_part(asked=expense.amount_asked, amount=amount, reason=reason):
                box = "reason" if found == SAY_WHY_LESS else "amount"
                self.add_error(f"{box}_{expense.pk}", found.text)

    def amounts(self) -> dict:
        """{expense's key: (amount, reason)} for those approved otherwise than asked."""
        told = {
            expense.pk: (self.cleaned_data[f"amount_{expense.pk}"], self.cleaned_data[f"reason_{expense.pk}"])
            for expense in self.expenses
        }
        return {each.pk: told[each.pk] for each in self.expenses if told[each.pk][0] != each.amount_asked}
