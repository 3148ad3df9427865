"""The forms of a claim. They check the shape of what was typed; the rules judge it."""

import re
from decimal import Decimal

from django import forms

from payments.models import Expense
from payments.rules import claiming as rules
from payments.rules.asked import cost_typed, hours_typed, miles_typed
from payments.rules.money import to_pennies

# As people write numbers: "£4.50", "2 hours", "2,5".
NUMBER = re.compile(r"£?\s*([0-9]+)(?:[.,]([0-9]{1,2}))?\s*(?:hours?|hrs?|h|miles?|pounds?)?", re.IGNORECASE)


def bare_number(text: str) -> str:
    """The number without what people write around it; anything else as it is."""
    written = NUMBER.fullmatch(text.strip())
    return ".".join(part for part in written.groups() if part) if written else text.strip()


def pounds_typed(text: str) -> Decimal:
    """What is said of an amount in a box of its own is shorter than in a spreadsheet."""
    try:
        return to_pennies(text)
    except ValueError:
        raise ValueError("Enter pounds and pence, like 4.50.") from None


def what_it_cost(text: str) -> Decimal:
    return cost_typed(str(pounds_typed(text)))


class TypedField(forms.CharField):
    """A number as people type it, read by one of the office's own readers: its ValueError says what to do."""

    def __init__(self, *, read, width: int = 5, **more):
        attributes = {"class": f"govuk-input--width-{width}", "inputmode": "decimal", "autocomplete": "off"}
        super().__init__(widget=forms.TextInput(attrs=attributes), **more)
        self.read = read

    def clean(self, value) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return self.read(bare_number(text))
        except ValueError as advice:
            raise forms.ValidationError(str(advice)) from None


class HoursForm(forms.Form):
    hours = TypedField(
        label="How many hours did you take part?",
        read=hours_typed,
        error_messages={"required": "Enter the hours, like 2 or 2.5."},
    )
    more_hours_because = forms.CharField(
        label="Why did it take longer?",
        required=False,
        max_length=rules.LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": f"Shorten this to {rules.LONGEST_WORDS} characters."},
    )

    field_of = {"S73": "hours", "S69": "more_hours_because"}


class ChoiceForm(forms.Form):
    answer = forms.ChoiceField(
        label="How would you like us to thank you for your time?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the answers.", "invalid_choice": "Choose one of the answers."},
    )
    lower_amount = TypedField(label="How much would you like, in pounds?", read=pounds_typed, required=False)
    charity = forms.CharField(label="Which charity?", required=False)

    field_of = {"S31": "answer", "S41": "lower_amount", "S57": "charity", "R51": "charity"}

    def __init__(self, *args, answers, **more):
        super().__init__(*args, **more)
        self.fields["answer"].choices = answers
        self.fields["answer"].widget.hints = rules.HINTS
        open_answers = {answer for answer, _ in answers}
        for answer, name in (("lower", "lower_amount"), ("donate", "charity")):
            if answer not in open_answers:
                del self.fields[name]

    @property
    def reveal(self) -> str:
        pairs = {"lower_amount": "lower:lower_amount", "charity": "donate:charity"}
        return " ".join(pair for name, pair in pairs.items() if name in self.fields)

    def clean(self):
        """What belongs to another answer than theirs does not matter, so its shape does not either."""
        cleaned = super().clean()
        for answer, name in (("lower", "lower_amount"), ("donate", "charity")):
            if cleaned.get("answer") != answer:
                self.errors.pop(name, None)
                cleaned[name] = None
        return cleaned


class YesNoForm(forms.Form):
    any_costs = forms.ChoiceField(
        label="Did taking part cost you anything?",
        help_text="Like travel or parking. We pay this back as well as anything for your time.",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether it cost you anything."},
    )


class CostKindForm(forms.Form):
    mode = forms.ChoiceField(
        label="What did you pay for?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what you paid for.", "invalid_choice": "Choose what you paid for."},
    )

    def __init__(self, *args, costs, **more):
        super().__init__(*args, **more)
        self.fields["mode"].choices = [(cost.mode, cost.title) for cost in costs] + [("other", "Something else")]


class CostForm(forms.Form):
    """One cost of a kind the policy names; its questions follow from what the policy asks."""

    amount = TypedField(
        label="How much did it cost?",
        read=what_it_cost,
        error_messages={"required": "Enter what it cost, like 4.50."},
    )
    miles = TypedField(
        label="How many miles did you drive?",
        read=miles_typed,
        error_messages={"required": "Enter the miles, like 12 or 12.4."},
    )
    receipt = forms.ChoiceField(
        label="Do you have a receipt or ticket?",
        help_text="Keep it. We may ask to see it.",
        choices=[("yes", "Yes"), ("no", "No, I did not get one"), ("lost", "I lost it")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether you have a receipt."},
    )
    agreed = forms.ChoiceField(
        label="Did somebody on the staff agree to this before you travelled?",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether somebody agreed to it before you travelled."},
    )
    agreed_with = forms.CharField(label="Who agreed to it?", required=False)

    # What was read back to them as much, when they said that it is right.
    sure = forms.CharField(required=False, widget=forms.HiddenInput)

    # As the page asks them, so that errors are listed in the same order.
    field_order = ["miles", "amount", "agreed", "agreed_with", "receipt"]
    field_of = {"S62": "miles", "S63": "amount", "R51": "agreed_with"}

    def __init__(self, *args, cost: rules.CostAsked, **more):
        super().__init__(*args, **more)
        if cost.by_the_mile:
            del self.fields["amount"]
            pence = f"{(cost.mile_rate * 100).normalize():f}"
            self.fields["miles"].help_text = f"There and back. We pay {pence}p for each mile."
        else:
            del self.fields["miles"]
            self.fields["amount"].help_text = "There and back, all together. Like 4.50."
        if not cost.receipt_wanted:
            del self.fields["receipt"]
        if not cost.agreement_wanted:
            del self.fields["agreed"], self.fields["agreed_with"]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("agreed") == "yes" and not cleaned.get("agreed_with", "").strip():
            self.add_error("agreed_with", "Enter the name of the person who agreed to it.")
        return cleaned

    @property
    def figure(self) -> str:
        """The miles or the amount, as the answer to "is that right?" is kept."""
        return str(self.cleaned_data.get("miles") or self.cleaned_data.get("amount"))

    def asks_again(self, known: Expense | None) -> bool:
        """Whether a figure is so large that it is read back first. Once: not if it was, or is stored so already."""
        said = self.cleaned_data
        amount, miles = said.get("amount"), said.get("miles")
        if not rules.is_much(amount=amount, miles=miles) or said.get("sure") == self.figure:
            return False
        return not known or (known.miles if miles else known.amount_asked) != (miles or amount)


class BankForm(forms.Form):
    name_on_account = forms.CharField(
        label="Name on the account",
        help_text="As it is on your bank card.",
        error_messages={"required": "Enter the name on the account."},
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
    )
    sort_code = forms.CharField(
        label="Sort code",
        help_text="6 digits, like 00-11-22.",
        required=False,
        widget=forms.TextInput(
            attrs={
                "class": "govuk-input--width-5",
                "inputmode": "numeric",
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
    )
    account_number = forms.CharField(
        label="Account number",
        help_text="8 digits, with any zeros at the front.",
        required=False,
        widget=forms.TextInput(
            attrs={
                "class": "govuk-input--width-10",
                "inputmode": "numeric",
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
    )

    def show(self, reasons):
        """Each reason at the box it is about."""
        for reason in reasons:
            about = (
                "account_number" if "account number" in reason.text else "sort_code" if "sort" in reason.text else None
            )
            self.add_error("name_on_account" if reason.clause == "R51" else about, reason.text)
