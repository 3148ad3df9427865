"""Looking people up."""

import re

from django.db.models import Q, QuerySet

from eligibility.models import Person

# What the index on names can find. Shorter words would read every name there is.
FEWEST_LETTERS = 3


def enough_to_look_for(words: str) -> bool:
    """Whether a word of it is long enough to look somebody up by. In some scripts a whole name is two letters."""
    return any(len(word) >= FEWEST_LETTERS or not word.isascii() for word in words.split())


def people_called(words: str, *, by_email: bool = False) -> QuerySet[Person]:
    """The people whose name has all of these words, or parts of words, in it; or whose e-mail begins like that.

    Nobody, where no word is long enough.
    """
    if not enough_to_look_for(words):
        return Person.objects.none()
    asked = Q()
    for word in words.split():
        asked &= Q(name__iregex=re.escape(word))
    if by_email:
        asked |= Q(email__startswith=words.strip().lower())
    return Person.objects.filter(asked)
