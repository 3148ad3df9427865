"""What to do about a key of the wrong shape, in words for whoever edits the policy."""

_IN_PLAIN_WORDS = {
    "missing": "Add {key}: a policy must say this.",
    "extra_forbidden": "{key} is not a key that belongs here. Check its spelling, or take it out.",
    "string_type": "Write {key} as text, in quotes.",
    "string_too_long": "Shorten {key} to at most {max_length} characters.",
    "int_type": "Write {key} as a whole number, without quotes.",
    "int_from_float": "Write {key} as a whole number, without quotes.",
    "bool_type": "Write {key} as true or false, without quotes.",
    "tuple_type": "Write {key} as a list, in square brackets.",
    "dict_type": "Write {key} as a table of its own.",
    "model_type": "Write {key} as a table of its own, with its keys below it.",
    "model_attributes_type": "Write {key} as a table of its own, with its keys below it.",
    "greater_than_equal": "{key} must be at least {ge}.",
    "less_than_equal": "{key} must be at most {le}.",
    "literal_error": 'There is no "{written}" here. Use one of: {expected}.',
    "enum": 'There is no "{written}" here. Use one of: {expected}.',
}
_SLUG_OR_TEXT = "Write {key} as words on one line. A slug has only small letters, digits and single hyphens."
_DATE = '"{written}" is not a date. Write it like 2026-04-06, without quotes.'


def in_plain_words(error: dict) -> str:
    """What to do about one of pydantic's errors, as a sentence."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    key = next((part for part in reversed(error["loc"]) if isinstance(part, str)), "the file")
    if kind == "string_pattern_mismatch":
        sentence = _SLUG_OR_TEXT
    elif kind.startswith("date"):
        sentence = _DATE
    else:
        sentence = _IN_PLAIN_WORDS.get(kind, "{key} cannot be read: {message}.")
    facts = {**context, "key": key, "written": error["input"], "message": error["msg"]}
    if isinstance(facts.get("expected"), str):
        facts["expected"] = facts["expected"].replace("'", "").replace(" or ", ", ")
    return sentence.format_map(facts)
