"""When something goes wrong, a page says what to do next, and how to reach a person."""

import pytest
from django.test import RequestFactory

from coprod.errors import bad_request, csrf_failure, server_error
from tests.markup import one, read


@pytest.fixture
def phone(settings):
    settings.HELP_PHONE = "01483 000 000"


def heading(response) -> str:
    return one(read(response.content.decode()), "h1").text_content()


def says_how_to_reach_a_person(response) -> bool:
    return "tel:01483000000" in response.content.decode()


@pytest.mark.parametrize(
    ("view", "status", "told"),
    [(bad_request, 400, "We could not read that"), (server_error, 500, "Sorry, something went wrong")],
)
def test_when_the_database_may_be_what_went_wrong_it_is_not_asked(phone, view, status, told):
    response = view(RequestFactory().get("/"))  # this test has no database
    assert (response.status_code, heading(response)) == (status, told)
    assert says_how_to_reach_a_person(response)


def test_a_form_that_waited_too_long_says_how_to_send_it_again(phone):
    response = csrf_failure(RequestFactory().post("/"), reason="CSRF cookie not set.")
    assert (response.status_code, heading(response)) == (403, "Please send that again")
    assert says_how_to_reach_a_person(response)
    assert "CSRF" not in response.content.decode()


@pytest.mark.django_db
def test_an_address_that_is_not_there_says_what_to_look_at(client, phone):
    response = client.get("/nobody/was/here/")
    assert (response.status_code, heading(response)) == (404, "We cannot find this page")
    assert says_how_to_reach_a_person(response)
    assert "nobody" not in response.content.decode()


@pytest.mark.parametrize("template", ["400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"])
def test_each_error_page_has_a_title_of_its_own_and_a_way_on(template):
    from django.template.loader import render_to_string

    page = read(render_to_string(template))
    assert one(page, "title").text_content() == f"{one(page, 'h1').text_content()} – Coprod"
    assert "Ask the person who invited you" in one(page, "section.coprod-help").text_content()
