"""GOV.UK Design System components, and which of them draws which form field.

The markup is govuk-frontend's own, by way of govuk-frontend-jinja. Nothing here decides how a page looks.
"""

from functools import cache

from django import forms
from django.utils.safestring import SafeString, mark_safe
from jinja2 import Environment, PackageLoader, PrefixLoader

from eligibility.days import BOXES, DayWidget, wrong_boxes


@cache
def _templates() -> Environment:
    loader = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    return Environment(loader=loader, autoescape=True)


def component(name: str, /, **params) -> SafeString:
    """A component as HTML: component("tag", text="Paid"). ``params`` are those of its Nunjucks macro."""
    template = _templates().get_template(f"govuk_frontend_jinja/components/{name}/macro.html")
    macro = getattr(template.module, "govuk" + name.title().replace("-", ""))
    # As Django's own kind of safe words: to Jinja's kind, "<p>" + component(…) would add an escaped <p>.
    return mark_safe(str(macro(params)))


def said(words) -> dict:
    """Words as a component takes them: HTML only if it was marked safe."""
    return {"html": words} if hasattr(words, "__html__") else {"text": str(words)}


# Fields --------------------------------------------------------------------------------------------


def field(bound, *, heading=False, size="s", reveal: dict | None = None, or_before="", **more) -> SafeString:
    """A bound form field as its component, with question, hint and error.

    ``heading`` makes the question the page's h1; otherwise ``size`` is that of its letters (s, m, l, "" for plain).
    ``reveal`` maps a choice to the bound fields it uncovers. ``or_before`` names the choice that stands apart,
    below an "or". ``inline`` puts two short choices side by side. Anything more goes to the component.
    """
    widget = bound.field.widget
    if widget.is_hidden:
        return bound.as_hidden()
    name, params = next(draw for kind, draw in DRAWN if isinstance(widget, kind))(bound)
    params = _question(bound, heading, size, grouped=name in GROUPS) | params
    for choice, uncovered in (reveal or {}).items():
        html = mark_safe("".join(field(each, size="") for each in uncovered))
        params["items"][_place(bound, params["items"], choice)]["conditional"] = {"html": html}
    if or_before:
        place = _place(bound, params["items"], or_before)
        if name == "checkboxes":
            params["items"][place]["behaviour"] = "exclusive"
        params["items"].insert(place, {"divider": "or"})
    if more.pop("inline", False):
        more["classes"] = "govuk-radios--inline"
    told = {name: said(more.pop(name)) for name in ("prefix", "suffix", "hint") if isinstance(more.get(name), str)}
    return component(name, **params | told | more)


def _question(bound, heading: bool, size: str, *, grouped: bool) -> dict:
    """The question, its hint and its error, which all fields have in common."""
    part, size = "fieldset__legend" if grouped else "label", "l" if heading else size
    question = said(bound.label) | {"classes": f"govuk-{part}--{size}" if size else "", "isPageHeading": heading}
    params = {"fieldset": {"legend": question}} if grouped else {"label": question}
    if bound.help_text:
        params["hint"] = said(bound.help_text)
    if bound.errors:
        params["errorMessage"] = {"text": " ".join(bound.errors)}
    return params


def _place(bound, items: list[dict], choice: str) -> int:
    values = [item["value"] for item in items]
    if choice not in values:
        raise ValueError(f"{bound.name} has no choice {choice}, only {', '.join(values)}.")
    return values.index(choice)


# Attributes that the component has a parameter for, and those that would stop people typing or pasting.
PARAMETERS = ("autocomplete", "autocapitalize", "inputmode", "rows", "disabled")
LIMITS = ("maxlength", "minlength", "min", "max", "step", "cols", "required")


def _typed(bound) -> dict:
    """What a text box carries over from its widget's attributes. Its size is its class: "govuk-input--width-3"."""
    widget = bound.field.widget
    attributes = {name: value for name, value in widget.attrs.items() if name not in LIMITS}
    value = widget.format_value(bound.value())
    params = {"id": bound.auto_id, "name": bound.html_name, "value": "" if value is None else value}
    params["classes"] = attributes.pop("class", "")
    for name in PARAMETERS:
        if name in attributes:
            params[name] = attributes.pop(name)
    for name in ("prefix", "suffix"):
        if name in attributes:
            params[name] = said(attributes.pop(name))
    if "spellcheck" in attributes:
        params["spellcheck"] = attributes.pop("spellcheck") in (True, "true")
    return params | {"attributes": attributes}


def _input(bound):
    params = _typed(bound)
    kind = getattr(bound.field.widget, "input_type", "text")
    # Browsers' own number boxes change the number when somebody scrolls.
    if kind == "number":
        params.setdefault("inputmode", "numeric" if type(bound.field) is forms.IntegerField else "decimal")
    return "input", params | {"type": kind if kind in ("email", "tel", "url") else "text"}


def _textarea(bound):
    most = getattr(bound.field, "max_length", None)
    return ("character-count", _typed(bound) | {"maxlength": str(most)}) if most else ("textarea", _typed(bound))


def _select(bound):
    items = [{"value": value, "text": words, "selected": value == _chosen(bound)} for value, words in _choices(bound)]
    return "select", _named(bound) | {"id": bound.auto_id, "items": items}


def _radios(bound):
    return "radios", _named(bound) | {"idPrefix": bound.auto_id, "items": _items(bound, [_chosen(bound)])}


def _checkboxes(bound):
    chosen = [str(value) for value in bound.value() or []]
    return "checkboxes", _named(bound) | {"idPrefix": bound.auto_id, "items": _items(bound, chosen)}


def _one_checkbox(bound):
    item = {"value": "on", **said(bound.label), "checked": bool(bound.value())}
    if bound.help_text:
        item["hint"] = said(bound.help_text)
    # The words stand beside the box, so there is no question above it and no second hint.
    return "checkboxes", _named(bound) | {"idPrefix": bound.auto_id, "items": [item], "fieldset": None, "hint": None}


def _file(bound):
    kept = {name: bound.field.widget.attrs[name] for name in ("accept", "capture") if name in bound.field.widget.attrs}
    params = {"id": bound.auto_id, "attributes": kept, "multiple": bool(bound.field.widget.attrs.get("multiple"))}
    return "file-upload", _named(bound) | params


def _day(bound):
    wrong = wrong_boxes(bound)
    birthday = bound.field.widget.attrs.get("autocomplete") == "bday"
    items = [
        {
            "id": box_id(bound, box),
            "name": f"{bound.html_name}_{box}",
            "label": box.title(),
            "value": typed,
            "classes": f"govuk-input--width-{4 if box == 'year' else 2}{' govuk-input--error' * (box in wrong)}",
            "autocomplete": f"bday-{box}" if birthday else "off",
        }
        for box, typed in zip(BOXES, bound.field.widget.decompress(bound.value()), strict=True)
    ]
    return "date-input", {"id": f"{bound.auto_id}_boxes", "items": items}


def box_id(bound, box: str) -> str:
    """The first box has the field's own id, for links and labels to land on."""
    return bound.auto_id if box == BOXES[0] else f"{bound.auto_id}_{box}"


def _named(bound) -> dict:
    return {"name": bound.html_name}


def _chosen(bound) -> str:
    return "" if bound.value() is None else str(bound.value())


def _choices(bound):
    """(value, words) of every choice, without the groups they may stand in."""
    for value, words in bound.field.choices:
        for choice, text in words if isinstance(words, list | tuple) else [(value, words)]:
            yield str(choice), text


def _items(bound, chosen: list[str]) -> list[dict]:
    """The choices, without the empty one that Django adds. Hints to choices are in the widget's ``hints``."""
    hints = getattr(bound.field.widget, "hints", {})
    return [
        {
            "value": value,
            **said(words),
            "checked": value in chosen,
            "hint": said(hints[value]) if value in hints else None,
        }
        for value, words in _choices(bound)
        if value
    ]


GROUPS = ("radios", "checkboxes", "date-input")
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


def error_summary(*forms_of_page) -> SafeString:
    """Everything that is wrong on a page, each linked to where it was typed. Empty when nothing is."""
    entries = [entry for form in forms_of_page for entry in _entries(form)]
    return component("error-summary", titleText="There is a problem", errorList=entries) if entries else SafeString()


def _entries(form) -> list[dict]:
    first = next((bound.auto_id for bound in form.visible_fields()), None)
    found = [(error, first) for error in form.non_field_errors()]
    for bound in form:
        found += [(error, first if bound.is_hidden else landing(bound)) for error in bound.errors]
    return [{"text": error, "href": f"#{control}"} if control else {"text": error} for error, control in found]


def landing(bound) -> str:
    """The id of the control to go to: for a day, the first box that is wrong."""
    if isinstance(bound.field.widget, DayWidget):
        return box_id(bound, next(iter(wrong_boxes(bound)), BOXES[0]))
    return bound.auto_id
