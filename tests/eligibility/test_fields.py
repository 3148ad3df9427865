"""Form fields become the right components: with question, hint and error, and an error that leads to its control."""

from datetime import date
from decimal import Decimal

import pytest
from django import forms

from eligibility.days import DayField
from eligibility.govuk import error_summary, field
from tests.markup import every, one, read

WAYS = [("payment", "Into my bank"), ("lower", "Less than that"), ("decline", "Nothing, thank you")]


class Everything(forms.Form):
    name = forms.CharField(label="What is your name?", help_text="As your bank has it.", max_length=60)
    email = forms.EmailField(label="Email address", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    people = forms.IntegerField(label="How many people?", min_value=1)
    hours = forms.DecimalField(
        label="How many hours?", widget=forms.NumberInput(attrs={"class": "govuk-input--width-4"})
    )
    day = DayField(label="When was it?", called="The date of the activity", help_text="Like 27 11 2026.")
    way = forms.ChoiceField(label="How shall we thank you?", choices=WAYS, widget=forms.RadioSelect)
    formats = forms.MultipleChoiceField(
        label="How shall we write?", choices=[("post", "Post"), ("text", "Text")], widget=forms.CheckboxSelectMultiple
    )
    agree = forms.BooleanField(label="I was there", help_text="All of the time.")
    mode = forms.ChoiceField(label="How did you travel?", choices=[("", "Choose"), ("car", "Car"), ("bus", "Bus")])
    note = forms.CharField(label="Anything else?", widget=forms.Textarea, max_length=200)
    story = forms.CharField(label="Your story", widget=forms.Textarea(attrs={"rows": 8}))
    receipt = forms.FileField(label="The receipt", widget=forms.FileInput(attrs={"accept": "image/*"}))


class Lower(forms.Form):
    way = forms.ChoiceField(label="How?", choices=WAYS, widget=forms.RadioSelect)
    amount = forms.DecimalField(label="How much?", required=False)


NAMES = list(Everything.base_fields)


def controls(root) -> list:
    return every(root, "input, select, textarea")


def by_id(root, id: str):
    return one(root, f'[id="{id}"]')


def drawn(form, *more):
    return read("".join([*(field(bound) for bound in form), *more]))


def words(element) -> str:
    return " ".join(element.text_content().split())


@pytest.mark.parametrize(
    ("name", "tag", "kind"),
    [("name", "input", "text"), ("email", "input", "email"), ("people", "input", "text"), ("hours", "input", "text"),
     ("day", "input", "text"), ("way", "input", "radio"), ("formats", "input", "checkbox"),
     ("agree", "input", "checkbox"), ("mode", "select", None), ("note", "textarea", None),
     ("story", "textarea", None), ("receipt", "input", "file")],
)  # fmt: skip
def test_a_field_is_drawn_as_the_control_for_what_it_asks(name, tag, kind):
    first = controls(read(field(Everything()[name])))[0]
    assert (first.tag, first.get("type"), first.get("id")) == (tag, kind, f"id_{name}")


@pytest.mark.parametrize("name", NAMES)
def test_a_question_belongs_to_its_control(name):
    bound = Everything()[name]
    root = read(field(bound))
    question = root.find(".//legend")
    if question is None:
        question = next(each for each in root.iter("label") if each.get("for") == bound.auto_id)
    assert words(question) == bound.label


@pytest.mark.parametrize("name", NAMES)
def test_a_hint_and_an_error_are_told_with_the_control(name):
    bound = Everything({})[name]
    root = read(field(bound))
    told = [root.find(".//fieldset"), *controls(root)]
    ids = " ".join(each.get("aria-describedby") or "" for each in told if each is not None).split()
    heard = " ".join(words(by_id(root, id)) for id in ids)
    assert bound.errors[0] in heard
    assert bound.help_text in heard


@pytest.mark.parametrize("name", NAMES)
def test_every_link_of_the_error_summary_lands_on_a_control_that_is_there(name):
    form = Everything({})
    links = [link for link in read(error_summary(form)).iter("a") if link.get("href") == f"#id_{name}"]
    assert [words(link) for link in links] == form[name].errors
    page = drawn(form)
    assert by_id(page, f"id_{name}") in controls(page)


def test_the_error_summary_keeps_the_order_of_the_form_and_says_everything():
    form = Everything({})
    form.add_error(None, "That run is closed.")
    assert [words(each) for each in read(error_summary(form)).iter("li")] == [
        "That run is closed.",
        *[error for name in NAMES for error in form[name].errors],
    ]


def test_nothing_wrong_means_no_error_summary():
    assert error_summary(Everything()) == ""
    assert error_summary() == ""


def test_the_errors_of_two_forms_stand_in_one_summary():
    first, second = Lower({}, prefix="first"), Lower({}, prefix="second")
    links = [link.get("href") for link in read(error_summary(first, second)).iter("a")]
    assert links == ["#id_first-way", "#id_second-way"]


def test_an_error_of_a_hidden_field_leads_to_something_that_can_be_seen():
    class Hiding(forms.Form):
        token = forms.CharField(widget=forms.HiddenInput)
        name = forms.CharField(required=False)

    links = [link.get("href") for link in read(error_summary(Hiding({}))).iter("a")]
    assert links == ["#id_name"]


def test_an_error_of_a_form_without_a_control_is_told_without_a_link():
    form = forms.Form({})
    form.add_error(None, "That run is closed.")
    root = read(error_summary(form))
    assert [words(each) for each in root.iter("li")] == ["That run is closed."]
    assert not list(root.iter("a"))


def test_what_was_typed_stays_even_when_it_is_wrong():
    typed = {"name": "Łukasz", "hours": "lots", "way": "lower", "formats": ["text"], "agree": "on", "mode": "bus",
             "note": "So it was", "day_day": "31", "day_month": "Feb", "day_year": "26"}  # fmt: skip
    form = Everything(typed)
    form.is_valid()
    page = drawn(form)
    assert by_id(page, "id_name").get("value") == "Łukasz"
    assert by_id(page, "id_hours").get("value") == "lots"
    assert [each.get("value") for each in controls(page) if each.get("checked") is not None] == ["lower", "text", "on"]
    assert [each.get("value") for each in page.iter("option") if each.get("selected") is not None] == ["bus"]
    assert by_id(page, "id_note").text.strip() == "So it was"
    assert [by_id(page, id).get("value") for id in ("id_day", "id_day_month", "id_day_year")] == ["31", "Feb", "26"]


def test_what_is_known_already_stands_there():
    form = Everything(initial={"hours": Decimal("0"), "day": date(2026, 11, 27), "way": "decline", "formats": ["post"]})
    page = drawn(form)
    assert by_id(page, "id_hours").get("value") == "0"
    assert [by_id(page, id).get("value") for id in ("id_day", "id_day_month", "id_day_year")] == ["27", "11", "2026"]
    assert [each.get("value") for each in controls(page) if each.get("checked") is not None] == ["decline", "post"]


def test_a_box_carries_what_helps_to_fill_it_in_and_nothing_that_stops_typing():
    page = drawn(Everything())
    assert by_id(page, "id_email").get("autocomplete") == "email"
    assert by_id(page, "id_people").get("inputmode") == "numeric"
    assert by_id(page, "id_hours").get("inputmode") == "decimal"
    assert "govuk-input--width-4" in by_id(page, "id_hours").get("class")
    assert by_id(page, "id_story").get("rows") == "8"
    assert by_id(page, "id_receipt").get("accept") == "image/*"
    for control in controls(page):
        assert not {"required", "maxlength", "min", "max", "step", "style"} & set(control.attrib)


def test_a_long_answer_with_a_limit_counts():
    root = read(field(Everything()["note"]))
    counter = next(each for each in root.iter() if each.get("data-module") == "govuk-character-count")
    assert counter.get("data-maxlength") == "200"


def test_a_unit_stands_before_or_after_its_box():
    assert words(read(field(Everything()["hours"], suffix="hours"))).endswith("hours")
    assert "£" in words(read(field(Everything()["hours"], prefix="£")))


@pytest.mark.parametrize("name", ["name", "day", "way", "formats", "mode", "note", "receipt"])
def test_a_question_can_be_the_heading_of_its_page(name):
    root = read(field(Everything()[name], heading=True))
    assert [words(each) for each in root.iter("h1")] == [Everything.base_fields[name].label]
    assert not list(read(field(Everything()[name])).iter("h1"))


def test_a_choice_uncovers_what_it_needs_and_the_last_stands_apart():
    form = Lower({"way": "lower", "amount": "some"})
    form.is_valid()
    root = read(field(form["way"], reveal={"lower": [form["amount"]]}, or_before="decline"))
    uncovered = by_id(root, by_id(root, "id_way-2").get("data-aria-controls"))
    assert by_id(uncovered, "id_amount").get("value") == "some"
    assert "Enter a number." in words(uncovered)
    assert [words(each) for each in root.iter("div") if each.get("class") == "govuk-radios__divider"] == ["or"]


def test_a_choice_that_is_not_there_cannot_uncover_anything():
    form = Lower()
    with pytest.raises(ValueError, match="no choice lowest"):
        field(form["way"], reveal={"lowest": [form["amount"]]})


def test_a_choice_can_have_its_own_hint():
    form = Lower()
    form.fields["way"].widget.hints = {"payment": "On Friday 27 November 2026"}
    root = read(field(form["way"]))
    assert words(by_id(root, by_id(root, "id_way").get("aria-describedby"))) == "On Friday 27 November 2026"


def test_nothing_that_somebody_wrote_becomes_part_of_the_page():
    bad = "<script>alert(1)</script>\"'>"

    class Hostile(forms.Form):
        text = forms.CharField(label=bad, help_text=bad)
        long = forms.CharField(label=bad, help_text=bad, widget=forms.Textarea)
        one = forms.ChoiceField(label=bad, choices=[(bad, bad)], widget=forms.RadioSelect)
        many = forms.MultipleChoiceField(label=bad, choices=[(bad, bad)], widget=forms.CheckboxSelectMultiple)
        mode = forms.ChoiceField(label=bad, choices=[(bad, bad)])
        agree = forms.BooleanField(label=bad, help_text=bad)
        day = DayField(label=bad, help_text=bad)

    form = Hostile({"text": bad, "long": bad, "one": bad, "many": [bad], "mode": bad, "day_day": bad, "day_month": bad})
    for name in form.fields:
        form.add_error(name, bad)
    page = drawn(form, error_summary(form))
    assert not list(page.iter("script"))
    assert by_id(page, "id_text").get("value") == bad


# Days ----------------------------------------------------------------------------------------------


def day_typed(*boxes: str):
    class Form(forms.Form):
        day = DayField(label="When was it?", called="The date of the activity")

    return Form(dict(zip(("day_day", "day_month", "day_year"), boxes, strict=True)))


@pytest.mark.parametrize(
    "boxes", [("27", "11", "2026"), (" 27 ", "Nov", "2026"), ("27", "november", "2026"), ("027", "11", "2026")]
)
def test_a_day_is_read_as_people_write_it(boxes):
    form = day_typed(*boxes)
    assert form.is_valid()
    assert form.cleaned_data["day"] == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("boxes", "first_wrong"),
    [(("", "", ""), "id_day"), (("27", "", "2026"), "id_day_month"), (("27", "11", ""), "id_day_year"),
     (("27", "", ""), "id_day_month"), (("27", "11", "26"), "id_day_year"), (("27", "13", "2026"), "id_day_month"),
     (("0", "11", "2026"), "id_day"), (("31", "11", "2026"), "id_day"), (("x", "y", "z"), "id_day"),
     (("²", "11", "2026"), "id_day"), (("27", "11", "20²6"), "id_day_year"), (("-1", "11", "2026"), "id_day")],
)  # fmt: skip
def test_what_is_wrong_with_a_day_names_it_and_leads_to_the_box_to_mend(boxes, first_wrong):
    form = day_typed(*boxes)
    assert not form.is_valid()
    links = list(read(error_summary(form)).iter("a"))
    assert [link.get("href") for link in links] == [f"#{first_wrong}"]
    assert "date of the activity" in words(links[0])
    root = read(field(form["day"]))
    marked = [each.get("id") for each in controls(root) if "govuk-input--error" in each.get("class")]
    assert marked[0] == first_wrong


def test_an_error_about_the_whole_day_marks_all_its_boxes():
    form = day_typed("27", "11", "2026")
    form.is_valid()
    form.add_error("day", "The date of the activity must be in the past.")
    root = read(field(form["day"]))
    assert all("govuk-input--error" in each.get("class") for each in controls(root))


def test_a_day_that_is_not_needed_can_be_left_out():
    class Form(forms.Form):
        day = DayField(label="When?", required=False)

    form = Form({"day_day": "", "day_month": "", "day_year": ""})
    assert form.is_valid()
    assert form.cleaned_data["day"] is None
