"""The design system in templates. These tags are there in every template, without {% load %}."""

from django import template

from eligibility import govuk

register = template.Library()


@register.simple_tag(name="govuk")
def component(name, **params):
    """{% govuk "tag" text="Paid" classes="govuk-tag--green" %}"""
    return govuk.component(name, **params)


@register.simple_tag
def govuk_field(bound, heading=False, reveal="", **more):
    """{% govuk_field form.choice heading=True reveal="lower:lower_amount donate:charity" %}"""
    uncovered = {}
    for pair in reveal.split():
        choice, _, name = pair.partition(":")
        uncovered.setdefault(choice, []).append(bound.form[name])
    return govuk.field(bound, heading=heading, reveal=uncovered, **more)


@register.simple_tag
def error_summary(form):
    return govuk.error_summary(form)
