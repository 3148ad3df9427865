"""Logs name nobody (Q11)."""

import logging

import pytest
from django.db import IntegrityError, connection, transaction

from eligibility.discretion import DiscreetFormatter

pytestmark = pytest.mark.django_db
SECRET = "Canary Person"


def broken_row() -> IntegrityError:
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO eligibility_person (name, email, phone, password) VALUES ('{SECRET}', 'UPPER', '', '!')"
        )
    return caught.value


def logged(message: str, error: Exception) -> str:
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, message, (), (type(error), error, error.__traceback__))
    return DiscreetFormatter().format(record)


def test_a_traceback_does_not_tell_the_row_and_keeps_everything_else():
    told = logged("it broke", broken_row())
    assert SECRET in str(broken_row()) and SECRET not in told
    assert "an_email_is_lower_case" in told and "The above exception" in told


def test_nor_does_an_error_written_as_one_line():
    error = broken_row()
    told = logged(f"Task raised unexpected: {error!r}", error)
    assert SECRET not in told and "Task raised unexpected: IntegrityError" in told
