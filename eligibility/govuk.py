"""GOV.UK Design System components, and which of them draws which form field.

The markup is govuk-frontend's own, by way of govuk-frontend-jinja. Nothing here decides how a page looks.
"""

from functools import cache

from django import forms
from django.utils.safestring import SafeString, mark_safe
from jinja2 import Environment, PackageLoader, PrefixLoader


@cache
def _templates() -> Environment:
    return Environment(
        loader=PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}), autoescape=True
    )


def component(name: str, /, **params) -> SafeString:
    """A component as HTML: component("tag", text="Paid"). ``params`` are those of its Nunjucks macro."""
    template = _templates().get_template(f"govuk_frontend_jinja/components/{name}/macro.html")
    macro = getattr(template.module, "govuk" + name.title().replace("-", ""))
    return mark_safe(macro(params))


# Form fields ---------------------------------------------------------------------------------------


def field(bound, *, heading: bool = False, reveal: dict | None = None, **more) -> SafeString:
    """A bound form field as its component, with label, hint and error.

    ``heading`` makes the question the page's h1. ``reveal`` maps a choice to the bound field it uncovers.
    """
    widget = bound.field.widget
    if widget.is_hidden:
        return bound.as_hidden()
    draw = next(draw for kind, draw in DRAWN if isinstance(widget, kind))
    return draw(bound, heading, reveal or {}, more)


def _common(bound, heading: bool, *, legend: bool = False) -> dict:
    """What every field has: its name, question, hint and error."""
    size = "l" if heading else "m" if legend else "s"
    question = {"text": bound.label, "classes": f"govuk-{'fieldset__legend' if legend else 'label'}--{size}"}
    if heading:
        question["isPageHeading"] = True
    if not heading and not legend:
        question["classes"] = ""
    params = {"name": bound.html_name}
    params |= {"fieldset": {"legend": question}} if legend else {"label": question}
    if bound.help_text:
        params["hint"] = {"text": bound.help_text}
    if bound.errors:
        params["errorMessage"] = {"text": " ".join(bound.errors)}
    return params


def _typed(bound) -> dict:
    """What a text box carries over from its widget. Its size is its class: "govuk-input--width-3"."""
    attributes = {**bound.field.widget.attrs}
    if bound.field.widget_attrs(bound.field.widget).get("maxlength"):
        attributes.pop("maxlength", None)
    params = {"id": bound.auto_id, "value": _text(bound), "classes": attributes.pop("class", "")}
    for name in ("autocomplete", "inputmode", "spellcheck", "rows"):
        if name in attributes:
            value = attributes.pop(name)
            params[name] = {"true": True, "false": False}.get(value, value)
    for name in ("maxlength", "cols"):
        attributes.pop(name, None)
    return {**params, "attributes": attributes}


def _text(bound) -> str:
    value = bound.value()
    return "" if value is None else str(bound.field.widget.format_value(value) or "")


def _input(bound, heading, reveal, more):
    widget = bound.field.widget
    kind = {"email": "email", "tel": "tel"}.get(getattr(widget, "input_type", ""), "text")
    return component("input", **_common(bound, heading), **_typed(bound), type=kind, **more)


def _textarea(bound, heading, reveal, more):
    most = bound.field.max_length
    counted = {"maxlength": str(most)} if most else {}
    return component(
        "character-count" if most else "textarea", **_common(bound, heading), **_typed(bound), **counted, **more
    )


def _select(bound, heading, reveal, more):
    chosen = str(bound.value() or "")
    items = [
        {"value": str(value), "text": str(words), "selected": str(value) == chosen}
        for value, words in bound.field.choices
    ]
    return component("select", **_common(bound, heading), id=bound.auto_id, items=items, **more)


def _radios(bound, heading, reveal, more):
    chosen = str(bound.value() if bound.value() is not None else "")
    return component(
        "radios",
        **_common(bound, heading, legend=True),
        idPrefix=bound.auto_id,
        items=_items(bound, [chosen], reveal),
        **more,
    )


def _checkboxes(bound, heading, reveal, more):
    chosen = [str(value) for value in bound.value() or []]
    return component(
        "checkboxes",
        **_common(bound, heading, legend=True),
        idPrefix=bound.auto_id,
        items=_items(bound, chosen, reveal),
        **more,
    )


def _items(bound, chosen: list[str], reveal: dict) -> list[dict]:
    """The choices, without the empty one that Django adds. A choice's own hint is in the widget's ``hints``."""
    hints = getattr(bound.field.widget, "hints", {})
    items = []
    for value, words in bound.field.choices:
        value = str(value)
        if not value:
            continue
        item = {"value": value, "text": str(words), "checked": value in chosen}
        if value in hints:
            item["hint"] = {"text": hints[value]}
        if value in reveal:
            item["conditional"] = {"html": "".join(field(each) for each in reveal[value])}
        items.append(item)
    return items


def _one_checkbox(bound, heading, reveal, more):
    params = _common(bound, False)
    item = {"value": "on", "text": params.pop("label")["text"], "checked": bool(bound.value())}
    if "hint" in params:
        item["hint"] = params.pop("hint")
    return component("checkboxes", **params, idPrefix=bound.auto_id, items=[item], **more)


def _file(bound, heading, reveal, more):
    accept = {name: value for name, value in bound.field.widget.attrs.items() if name == "accept"}
    return component("file-upload", **_common(bound, heading), id=bound.auto_id, attributes=accept, **more)


def _day(bound, heading, reveal, more):
    day = bound.field.widget.decompress(bound.value())
    wrong = getattr(bound.form, "wrong_boxes", {}).get(bound.name, DAY_BOXES) if bound.errors else ()
    items = [
        {
            "id": bound.auto_id if box == "day" else f"{bound.auto_id}_{box}",
            "name": f"{bound.html_name}_{box}",
            "label": box.title(),
            "value": typed,
            "classes": f"govuk-input--width-{4 if box == 'year' else 2}"
            + (" govuk-input--error" if box in wrong else ""),
        }
        for box, typed in zip(DAY_BOXES, day, strict=True)
    ]
    common = _common(bound, heading, legend=True)
    common.pop("name")
    return component("date-input", **common, id=f"{bound.auto_id}_boxes", items=items, **more)


# Days in three boxes -------------------------------------------------------------------------------

DAY_BOXES = ("day", "month", "year")


class DayWidget(forms.Widget):
    """Three boxes for a day: most people find these easier than a calendar."""

    def value_from_datadict(self, data, files, name):
        return [data.get(f"{name}_{box}", "").strip() for box in DAY_BOXES]

    def value_omitted_from_data(self, data, files, name):
        return not any(f"{name}_{box}" in data for box in DAY_BOXES)

    def decompress(self, value) -> list[str]:
        if isinstance(value, list):
            return value
        return [str(getattr(value, box)) for box in DAY_BOXES] if value else ["", "", ""]


class DayField(forms.DateField):
    """A day typed as day, month and year, with a sentence that says which of them is wrong."""

    widget = DayWidget

    def to_python(self, value):
        from datetime import date

        if not isinstance(value, list):
            return super().to_python(value)
        if not any(value):
            return None
        missing = [box for box, typed in zip(DAY_BOXES, value, strict=True) if not typed]
        if missing:
            raise forms.ValidationError(f"{self.label} needs a {' and a '.join(missing)} too.")
        try:
            day, month, year = (int(typed) if typed.isascii() and typed.isdigit() else 0 for typed in value)
            if len(value[2]) != 4:
                raise ValueError
            return date(year, month, day)
        except ValueError:
            raise forms.ValidationError(f"{self.label} must be a real day, like 27 11 2026.") from None


# A checkbox of many is a kind of radio to Django, so it comes first.
DRAWN = [
    (DayWidget, _day),
    (forms.CheckboxSelectMultiple, _checkboxes),
    (forms.RadioSelect, _radios),
    (forms.Select, _select),
    (forms.CheckboxInput, _one_checkbox),
    (forms.FileInput, _file),
    (forms.Textarea, _textarea),
    (forms.Widget, _input),
]


# Errors --------------------------------------------------------------------------------------------


def error_summary(form) -> SafeString:
    """Everything that is wrong with a form, each linked to where it was typed."""
    shown = [bound for bound in form if not bound.field.widget.is_hidden]
    first = shown[0].auto_id if shown else None
    errors = [_entry(error, first) for error in form.non_field_errors()]
    for bound in form:
        errors += [_entry(error, bound.auto_id if bound in shown else first) for error in bound.errors]
    return component("error-summary", titleText="There is a problem", errorList=errors) if errors else mark_safe("")


def _entry(error: str, control: str | None) -> dict:
    return {"text": error, "href": f"#{control}"} if control else {"text": error}
