"""The design system in templates. These tags are there in every template, without {% load %}."""

import re

from django import template
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.text import slugify

from eligibility import charts, govuk, tables

register = template.Library()


@register.simple_tag(name="govuk")
def component(name, /, **params):
    """{% govuk "tag" text="Paid" classes="govuk-tag--green" %}"""
    return govuk.component(name, **params)


@register.simple_block_tag
def govuk_block(content, name, /, **params):
    """{% govuk_block "details" summaryText="Why we ask" %}<p>…</p>{% endgovuk_block %}"""
    return govuk.component(name, html=mark_safe(content), **params)


@register.simple_tag
def govuk_field(bound, heading=False, reveal="", **more):
    """{% govuk_field form.choice heading=True reveal="lower:lower_amount donate:charity" or_before="nothing" %}"""
    uncovered = {}
    for pair in reveal.split():
        choice, _, name = pair.partition(":")
        uncovered.setdefault(choice, []).append(bound.form[name])
    return govuk.field(bound, heading=heading, reveal=uncovered, **more)


@register.simple_tag
def error_summary(*forms):
    """What is wrong with the forms. Pages built on base.html have it already."""
    return govuk.error_summary(*forms)


@register.simple_tag(takes_context=True)
def page_errors(context):
    """The error summary of the whole page: of `form`, and of every form in `forms`."""
    forms = [context.get("form"), *(context.get("forms") or [])]
    return govuk.error_summary(*(form for form in forms if hasattr(form, "non_field_errors")))


@register.simple_tag
def message_banner(message, number):
    """One of Django's messages, as the notification banner it deserves."""
    success = getattr(message, "level_tag", "") == "success"
    words = format_html('<p class="govuk-notification-banner__heading">{}</p>', message.message)
    look = {"type": "success", "titleText": "Done"} if success else {"titleText": "Please note"}
    return govuk.component("notification-banner", html=words, titleId=f"message-{number}", **look)


@register.simple_block_tag
def header_of_house(content, navigation=None, home="/"):
    """Our name, where one can go, and what stands between the tags: the last item, such as signing out."""
    return govuk.component(
        "service-navigation",
        serviceName="Coprod",
        serviceUrl=home,
        navigation=list(navigation or []),
        slots={"navigationEnd": mark_safe(content.strip())},
        classes="govuk-service-navigation--inverse coprod-header",
        ariaLabel="Coprod",
        navigationLabel="Pages",
    )


@register.inclusion_tag("govuk/table.html")
def table(caption, head, rows, numeric="", empty="There is nothing here yet.", size="m"):
    """{% table "Claims" head rows numeric="Hours, Amount" %}: a table, and cards where the screen is narrow."""
    return {"caption": caption, "size": size, "empty": empty, "table": tables.Table.of(head, rows, numeric)}


@register.simple_tag
def summary(rows, **more):
    """{% summary rows %} with rows of (question, answer) or (question, answer, address to change it)."""
    return govuk.component("summary-list", rows=tables.summary_rows(rows), **more)


@register.inclusion_tag("govuk/bars.html")
def bars(chart):
    """{% bars chart %}: a charts.Chart as bars, with its numbers in a table below."""
    return {"chart": chart, "drawing": charts.draw(chart), "id": slugify(chart.title)}


@register.filter
def dial(number):
    """A telephone number as a link takes it."""
    return re.sub(r"[^\d+]", "", str(number))
