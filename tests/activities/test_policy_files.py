"""Reading a policy file, saying what is wrong with it, and writing it back."""

import copy
import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.framework import Choice, Policy, PolicyErrors, Recognition, read_policy
from activities.policy_parts import PromisedFact
from tests.activities.shipped import COLLECTIVE, FILES, SURREY

SMALL = """\
slug = "small"
name = "A small policy"
version = "1"
status = "draft"
effective_from = "2026-04"

[document]
title = "Minutes"

[[organisations]]
slug = "us"
name = "Us"
does = ["runs-activities", "pays"]

[[bands]]
slug = "thanks"
title = "Thanks"
recognition = "card"
choices = ["none", "decline"]

[bands.score]
lowest = 0
highest = 1

[[bands]]
slug = "paid"
title = "Paid"
recognition = "hourly"
choices = ["payment", "decline"]

[bands.score]
lowest = 2
highest = 2

[[bands.rates]]
amount = "15.00"
ends_on = 2026-12-31

[[bands.rates]]
amount = "16.00"
starts_on = 2027-01-01

[[criteria]]
slug = "effort"
question = "How much effort?"
levels = ["Little", "Some", "Much"]

[[kinds]]
slug = "panel"
title = "A panel"
band = "paid"
why = "A panel decides."

[[costs]]
mode = "car"
title = "Car"
per = "mile"
evidence = ["miles"]
"""


def broken(*changes: tuple[str, str]) -> str:
    text = SMALL
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    return text


def problems_of(text: str) -> list[tuple[str, int, str]]:
    with pytest.raises(PolicyErrors) as errors:
        read_policy(text, source="small.toml")
    return [(problem.path, problem.line, problem.reason) for problem in errors.value.problems]


def test_the_small_policy_is_right_before_it_is_broken():
    assert read_policy(SMALL).to_toml() == SMALL


# Each: what was changed, where it is reported, how the reported line reads, and words of the reason.
BROKEN = [
    ("a key is missing", [('title = "Thanks"\n', "")], "bands[0].title", "[[bands]]", "Add title"),
    ("a key at the top is missing", [('version = "1"\n', "")], "version", 'slug = "small"', "Add version"),
    ("a table is missing", [('[document]\ntitle = "Minutes"\n', "")], "document", 'slug = "small"', "Add document"),
    ("a key is misspelt", [("status =", 'colour = "red"\nstatus =')], "colour", 'colour = "red"', "Check its spelling"),
    (
        "text where a number belongs",
        [("highest = 1", 'highest = "1"')],
        "bands[0].score.highest",
        'highest = "1"',
        "whole number, without quotes",
    ),
    (
        "a number where text belongs",
        [('name = "Us"', "name = 7")],
        "organisations[0].name",
        "name = 7",
        "as text, in quotes",
    ),
    (
        "yes in words",
        [('per = "mile"', 'per = "mile"\nagreement_needed = "yes"')],
        "costs[0].agreement_needed",
        'agreement_needed = "yes"',
        "true or false",
    ),
    ("text for a list", [('["miles"]', '"miles"')], "costs[0].evidence", 'evidence = "miles"', "square brackets"),
    ("an empty list", [('["miles"]', "[]")], "costs[0].evidence", "evidence = []", "at least one"),
    ("one level", [('"Little", "Some", ', "")], "criteria[0].levels", 'levels = ["Much"]', "at least two levels"),
    (
        "a value where a table belongs",
        [('[document]\ntitle = "Minutes"', 'document = "Minutes"')],
        "document",
        'document = "Minutes"',
        "table of its own",
    ),
    (
        "a slug with capitals",
        [('slug = "panel"', 'slug = "Panel"')],
        "kinds[0].slug",
        'slug = "Panel"',
        "small letters",
    ),
    ("an empty title", [('"A panel"', '"  "')], "kinds[0].title", 'title = "  "', "words on one line"),
    (
        "a title over two lines",
        [('"A panel"', '"A\\npanel"')],
        "kinds[0].title",
        'title = "A\\npanel"',
        "words on one line",
    ),
    (
        "an unknown status",
        [('"draft"', '"final"')],
        "status",
        'status = "final"',
        "draft, consultation, adopted, retired",
    ),
    (
        "an unknown recognition",
        [('"hourly"', '"weekly"')],
        "bands[1].recognition",
        'recognition = "weekly"',
        "hourly, flat",
    ),
    (
        "a typo in a band's name",
        [('band = "paid"', 'band = "payed"')],
        "kinds[0].band",
        'band = "payed"',
        'Did you mean "paid"?',
    ),
    (
        "a typo in a neighbour's name",
        [('band = "paid"', 'band = "paid"\nnear = ["pannel"]')],
        "kinds[0].near[0]",
        'near = ["pannel"]',
        'Did you mean "panel"?',
    ),
    (
        "an unknown choice",
        [('["payment",', '["cash",')],
        "bands[1].choices[0]",
        'choices = ["cash", "decline"]',
        "payment, voucher",
    ),
    (
        "nobody may decline",
        [('["payment", "decline"]', '["payment"]')],
        "bands[1].choices",
        'choices = ["payment"]',
        'Add "decline"',
    ),
    ("a choice twice", [('"payment"', '"decline"')], "bands[1].choices", 'choices = ["decline", "decline"]', "twice"),
    (
        "money for a card",
        [('"none"', '"payment"')],
        "bands[0].choices",
        'choices = ["payment", "decline"]',
        "Nothing is paid",
    ),
    (
        "nothing for work",
        [('"payment"', '"none"')],
        "bands[1].choices",
        'choices = ["none", "decline"]',
        'take "none" out',
    ),
    (
        "a proposed choice that is no choice",
        [('["payment", "decline"]', '["payment", "decline"]\nproposed_choices = ["donate"]')],
        "bands[1].proposed_choices[0]",
        'proposed_choices = ["donate"]',
        "Add it there too",
    ),
    ("a float rate", [('"15.00"', "15.00")], "bands[1].rates[0].amount", "amount = 15.00", "Put it in quotes"),
    ("a rate in words", [('"15.00"', '"fifteen"')], "bands[1].rates[0].amount", 'amount = "fifteen"', "not an amount"),
    ("a rate below nothing", [('"15.00"', "-15")], "bands[1].rates[0].amount", "amount = -15", "not an amount"),
    ("a rate of nothing", [('"15.00"', '"0.00"')], "bands[1].rates[0].amount", 'amount = "0.00"', "more than 0"),
    ("a third decimal", [('"15.00"', '"15.005"')], "bands[1].rates[0].amount", 'amount = "15.005"', "two decimals"),
    ("no rate given", [('amount = "15.00"\n', "")], "bands[1].rates[0].amount", "[[bands.rates]]", "Add amount"),
    (
        "a rate for a card",
        [('recognition = "hourly"\nchoices = ["payment"', 'recognition = "card"\nchoices = ["none"')],
        "bands[1].rates",
        "[[bands.rates]]",
        "Nothing is paid",
    ),
    (
        "a day that does not exist",
        [("2026-12-31", '"2026-13-31"')],
        "bands[1].rates[0].ends_on",
        'ends_on = "2026-13-31"',
        "not a date",
    ),
    ("a date that is none", [('"2026-04"', '"soon"')], "effective_from", 'effective_from = "soon"', "not a date"),
    (
        "a week for a date",
        [('"2026-04"', '"2026-W04-1"')],
        "effective_from",
        'effective_from = "2026-W04-1"',
        "not a date",
    ),
    (
        "dates that overlap",
        [("2027-01-01", "2026-12-31")],
        "bands[1].rates[1].starts_on",
        "starts_on = 2026-12-31",
        "still holds on 2026-12-31",
    ),
    (
        "two rates from the beginning",
        [("starts_on = 2027-01-01\n", "")],
        "bands[1].rates[1].starts_on",
        "[[bands.rates]]",
        "from the beginning",
    ),
    (
        "a hole between dates",
        [("2027-01-01", "2027-01-03")],
        "bands[1].rates[1].starts_on",
        "starts_on = 2027-01-03",
        "No rate holds from 2027-01-01",
    ),
    (
        "dates backwards",
        [("starts_on = 2027-01-01", "starts_on = 2027-01-01\nends_on = 2026-01-01")],
        "bands[1].rates[1].ends_on",
        "ends_on = 2026-01-01",
        "before it starts",
    ),
    (
        "a slug twice",
        [('slug = "paid"', 'slug = "thanks"'), ('band = "paid"', 'band = "thanks"')],
        "bands[1].slug",
        'slug = "thanks"',
        "already used",
    ),
    (
        "a mode twice",
        [("[[costs]]", '[[costs]]\nmode = "car"\ntitle = "Van"\nper = "mile"\nevidence = ["miles"]\n\n[[costs]]')],
        "costs[1].mode",
        'mode = "car"',
        "already used",
    ),
    (
        "scores that overlap",
        [("lowest = 2", "lowest = 1")],
        "bands[1].score.lowest",
        "lowest = 1",
        "already has 1 points",
    ),
    (
        "a gap between scores",
        [("highest = 1", "highest = 0")],
        "bands[1].score.lowest",
        "lowest = 2",
        "No band has 1 points",
    ),
    ("scores past the end", [("highest = 2", "highest = 9")], "bands", "[[bands]]", "gives 2 points at most"),
    ("scores that stop early", [('"Much"]', '"Much", "Very much"]')], "bands", "[[bands]]", "No band has 3 points"),
    (
        "a range backwards",
        [("lowest = 2\nhighest = 2", "lowest = 2\nhighest = 1")],
        "bands[1].score",
        "[bands.score]",
        "runs backwards",
    ),
    (
        "more points for a lower band",
        [
            ("lowest = 0\nhighest = 1", "lowest = 1\nhighest = 2"),
            ("lowest = 2\nhighest = 2", "lowest = 0\nhighest = 0"),
        ],
        "bands",
        "[[bands]]",
        "never lead to a lower band",
    ),
    (
        "a score range without a score sheet",
        [('[[criteria]]\nslug = "effort"\nquestion = "How much effort?"\nlevels = ["Little", "Some", "Much"]\n', "")],
        "bands[0].score",
        "[bands.score]",
        "no score sheet",
    ),
    (
        "a kind with two answers",
        [('band = "paid"', 'band = "paid"\nscores = { effort = 1 }')],
        "kinds[0]",
        "[[kinds]]",
        "one way only",
    ),
    (
        "a kind with a score nobody asks for",
        [('band = "paid"', "scores = { effort = 1, skill = 1 }")],
        "kinds[0].scores.skill",
        "scores = { effort = 1, skill = 1 }",
        'no criterion "skill"',
    ),
    (
        "a kind scored too high",
        [('band = "paid"', "scores = { effort = 3 }")],
        "kinds[0].scores.effort",
        "scores = { effort = 3 }",
        "highest level of effort is 2",
    ),
    (
        "tiers where none belong",
        [('amount = "15.00"', 'amount = "15.00"\ntiers = [{ amount = 5 }]')],
        "bands[1].rates[0].tiers",
        "tiers = [{ amount = 5 }]",
        "Take them out",
    ),
    (
        "a block where none belongs",
        [('amount = "15.00"', 'amount = "15.00"\nblock_hours = 4')],
        "bands[1].rates[0].block_hours",
        "block_hours = 4",
        "Take this out",
    ),
    (
        "a rate for receipts",
        [('per = "mile"', 'per = "receipt"\nrates = [{ amount = "0.45" }]')],
        "costs[0].rates",
        'rates = [{ amount = "0.45" }]',
        "by receipt has no rate",
    ),
    ("a key twice", [('name = "Us"', 'name = "Us"\nname = "Them"')], "(file)", 'name = "Them"', "not TOML"),
    ("a quote that is not closed", [('name = "Us"', 'name = "Us')], "(file)", 'name = "Us', "not TOML"),
    ("a file that stops", [('evidence = ["miles"]\n', "evidence = [")], "(file)", "evidence = [", "not TOML"),
]


@pytest.mark.parametrize(
    ("changes", "path", "at", "reason"), [entry[1:] for entry in BROKEN], ids=[entry[0] for entry in BROKEN]
)
def test_a_broken_file_says_where_and_what_to_do(changes, path, at, reason):
    text = broken(*changes)
    problems = problems_of(text)
    (line, sentence) = next(found[1:] for found in problems if found[0] == path)
    assert text.splitlines()[line - 1] == at
    assert reason in sentence
    for _, _, sentence in problems:
        assert sentence[-1] in ".?" and "Input should" not in sentence


def test_all_problems_come_at_once_in_the_order_of_the_file():
    text = broken(
        ('title = "Thanks"\n', ""),
        ('"15.00"', "15.0"),
        ('band = "paid"', 'band = "payed"'),
        ("2027-01-01", "2027-02-01"),
    )
    assert [found[:2] for found in problems_of(text)] == [
        ("bands[0].title", 15),
        ("bands[1].rates[0].amount", 35),
        ("bands[1].rates[1].starts_on", 40),
        ("kinds[0].band", 50),
    ]


def test_one_problem_is_said_once():
    assert len(problems_of(broken(('"15.00"', "15.0")))) == 1


def test_the_message_names_the_file_the_line_and_the_key():
    with pytest.raises(PolicyErrors) as errors:
        read_policy(broken(('"15.00"', "15.0")), source="small.toml")
    assert str(errors.value).startswith("small.toml line 36, bands[1].rates[0].amount: 15.0 is a decimal number")


def tiers(*written: str) -> str:
    listed = ", ".join("{ amount = 25, " + tier + " }" for tier in written)
    return broken(
        ('recognition = "hourly"', 'recognition = "tiers"'),
        ('amount = "15.00"', f"tiers = [{listed}]"),
        ('amount = "16.00"', "tiers = [{ amount = 9 }]"),
    )


@pytest.mark.parametrize(
    ("written", "path", "reason"),
    [
        (["up_to = 2", "at_least = 2"], "tiers[1]", "Two tiers hold 2"),
        (["up_to = 3", "more_than = 2"], "tiers[1]", "Two tiers hold 2"),
        (["less_than = 2", "more_than = 2"], "tiers[1]", "No tier holds 2"),
        (["up_to = 2", "more_than = 3"], "tiers[1]", "No tier holds 2"),
        (["up_to = 2", "up_to = 3"], "tiers[1]", "where this one begins"),
        (["at_least = 1, more_than = 1"], "tiers[0]", "Keep one of at_least"),
        (["less_than = 1, up_to = 1"], "tiers[0]", "Keep one of up_to"),
        (["at_least = 3, up_to = 1"], "tiers[0]", "backwards"),
    ],
)
def test_tiers_meet_without_overlap_or_gap(written, path, reason):
    problems = problems_of(tiers(*written))
    assert [found for found in problems if found[0] == f"bands[1].rates[0].{path}" and reason in found[2]], problems


def test_tiers_that_meet_are_fine():
    assert read_policy(tiers("up_to = 2", "more_than = 2, less_than = 4", "at_least = 4"))


# Both shipped policies


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_shipped_file_is_its_own_canonical_dump(file):
    text = file.read_text(encoding="utf-8")
    assert read_policy(text).to_toml() == text
    assert read_policy(text).slug == file.stem


@pytest.mark.parametrize("policy", [SURREY, COLLECTIVE], ids=lambda policy: policy.slug)
def test_a_policy_comes_back_the_same_from_a_file_and_from_json(policy):
    assert read_policy(policy.to_toml()) == policy
    assert Policy.from_document(json.loads(json.dumps(policy.to_document()))) == policy
    assert policy.model_copy().to_toml() == policy.to_toml()


def test_two_policies_ship():
    assert [file.stem for file in FILES] == ["co-production-collective-2021", "surrey-asc-2025"]


def test_dates_are_only_as_exact_as_their_source():
    assert (SURREY.effective_from, SURREY.starts_on) == ("2025-07", date(2025, 7, 1))
    assert (COLLECTIVE.effective_from, COLLECTIVE.starts_on) == ("2021", date(2021, 1, 1))
    assert SURREY.review_by is None and COLLECTIVE.review_by is None


def test_S114_the_collective_reviews_after_six_months():
    assert (COLLECTIVE.review_after_months, COLLECTIVE.status) == (6, "consultation")
    assert SURREY.review_after_months is None


def test_S14_C4_only_the_collective_states_who_is_not_offered_payment():
    assert COLLECTIVE.rule_set == "capacity"
    assert SURREY.rule_set is None


def test_S41_S57_C5_each_policy_has_its_own_choices():
    choices = {band.slug: set(band.choices) for policy in (SURREY, COLLECTIVE) for band in policy.bands}
    assert choices == {
        "voluntary": {"none", "decline"},
        "thank-you-card": {"none", "decline"},
        "voucher": {"voucher", "decline"},
        "hourly": {"payment", "voucher", "lower", "donate", "decline"},
        "not-work": {"none", "decline"},
        "work": {"payment", "voucher", "donate", "decline"},
    }
    assert SURREY.band("hourly").proposed_choices == ("donate",)


def test_C6_the_collective_states_neither_rate_nor_unit():
    assert COLLECTIVE.band("work").rates == () and COLLECTIVE.band("work").recognition is None


def test_C8_S74_S75_only_surrey_has_pay_days_and_a_target():
    assert SURREY.calendar.pay_days == ("second-friday", "last-friday") and SURREY.target.days == 14
    assert not SURREY.calendar.proposal and SURREY.calendar.cut_off.proposal and SURREY.calendar.bank_holidays.proposal
    assert COLLECTIVE.calendar is None and COLLECTIVE.target is None


def test_what_the_collective_does_not_say_is_absent():
    for absent in ("hours", "claim_age"):
        assert getattr(COLLECTIVE, absent) is None
    assert COLLECTIVE.costs == () and COLLECTIVE.signposting == () and COLLECTIVE.values == ()


def test_S52_S111_numbers_and_addresses_are_exactly_the_guides():
    (rights,) = SURREY.signposting
    assert (rights.phone, rights.textphone, rights.email) == ("01483 492949", "18001 01483 492949", "advice@swru.org")
    care = SURREY.organisations[0]
    assert (care.phone, care.sms, care.email) == ("01483 456558", "0790 867 1402", "coproduction.asc@surreycc.gov.uk")


def test_S56_both_organisations_hear_of_somebody_declining():
    assert [organisation.told_of_declining for organisation in SURREY.organisations] == [True, True]


def test_S37_to_S48_and_S79_to_S89_everything_surrey_promises_is_listed():
    assert len(SURREY.promises.before_agreeing) == 12  # S37 to S48
    assert len(SURREY.promises.before_activity) == 11  # S79 to S89
    assert PromisedFact.PAYMENT_CONTACT in SURREY.promises.before_agreeing


def test_our_own_proposals_are_marked():
    assert all(criterion.proposal for criterion in SURREY.criteria)
    assert all(band.score.proposal for band in SURREY.bands)
    assert SURREY.cost("car").proposal and all(rate.proposal for rate in SURREY.cost("car").rates)
    assert SURREY.hours.proposal and SURREY.claim_age.proposal and SURREY.calendar.exceptional_runs.proposal
    assert not any(rate.proposal for band in SURREY.bands for rate in band.rates)
    assert not any(part.proposal for part in (*COLLECTIVE.criteria, *COLLECTIVE.bands, *COLLECTIVE.kinds))


# Any policy


def test_amounts_are_kept_to_the_penny_however_they_were_written():
    policy = read_policy(broken(('"15.00"', "15"), ('"16.00"', '"16.5"')))
    assert [rate.amount for rate in policy.band("paid").rates] == [Decimal("15.00"), Decimal("16.50")]
    assert 'amount = "16.50"' in policy.to_toml()


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(str.strip))
def test_any_words_survive_the_file(words):
    document = SURREY.to_document()
    document["bands"][0]["title"] = words
    try:
        policy = Policy.from_document(document)
    except PolicyErrors:
        return  # only a space of some other script
    assert read_policy(policy.to_toml()) == policy
    assert read_policy(policy.to_toml()).to_toml() == policy.to_toml()


def paths_in(value, path=()):
    yield path
    for key, entry in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths_in(entry, (*path, key))


BY_LENGTH = read_policy(tiers("up_to = 2", "more_than = 2, less_than = 4", "at_least = 4"))
POLICIES = [SURREY, COLLECTIVE, BY_LENGTH]
PATHS = {policy.slug: list(paths_in(policy.to_document()))[1:] for policy in POLICIES}
RUBBISH = [
    None,
    True,
    0,
    -1,
    7,
    10**30,
    1.5,
    float("nan"),
    "",
    " ",
    "voluntary",
    "2026-02-30",
    "NaN",
    [],
    ["x"],
    {},
    {"slug": []},
    [[]],
    [{}],
]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_rubbish_anywhere_is_a_problem_with_a_reason_and_never_a_crash(data):
    policy = data.draw(st.sampled_from(POLICIES))
    document = copy.deepcopy(policy.to_document())
    for path in data.draw(st.lists(st.sampled_from(PATHS[policy.slug]), min_size=1, max_size=3)):
        put(document, path, copy.deepcopy(data.draw(st.sampled_from(RUBBISH))))
    try:
        read = Policy.from_document(document)
    except PolicyErrors as errors:
        assert errors.problems and all(problem.path and problem.reason for problem in errors.problems)
    else:
        assert read_policy(read.to_toml()) == read


def put(document, path, value):
    *way, last = path
    for key in way:
        try:
            document = document[key]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(document, dict) or isinstance(document, list) and isinstance(last, int) and last < len(document):
        document[last] = value


@pytest.mark.parametrize("document", [None, [], "slug", 7, {}])
def test_something_that_is_no_policy_at_all(document):
    with pytest.raises(PolicyErrors):
        Policy.from_document(document)


def test_an_empty_file_is_told_what_a_policy_needs():
    assert {"slug", "bands", "organisations"} <= {path for path, _, _ in problems_of("")}


def test_the_words_for_choices_and_recognition_are_the_offices():
    assert list(Choice) == ["payment", "voucher", "lower", "donate", "decline", "none"]
    assert list(Recognition) == ["none", "card", "voucher", "hourly", "flat", "flat-per-block", "tiers"]
