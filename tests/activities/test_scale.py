"""Where each policy's own examples stand on its scale. Tests are named for the clause they hold."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.rules import Placing, override, place
from eligibility.reasons import Refused
from tests.activities.shipped import COLLECTIVE, SURREY


def band_of(policy, kind, role=None):
    placing = place(policy, kind=kind, role=role)
    assert placing.why and placing.source
    return placing.band and placing.band.slug


# Surrey


def test_S24_four_bands_in_order():
    assert [band.slug for band in SURREY.bands] == ["voluntary", "thank-you-card", "voucher", "hourly"]
    assert [band.recognition for band in SURREY.bands] == ["none", "card", "voucher", "hourly"]


@pytest.mark.parametrize("kind", ["network-group", "training-own-request"])
def test_S27_voluntary(kind):
    assert band_of(SURREY, kind) == "voluntary"


@pytest.mark.parametrize("kind", ["working-group-one-off", "web-content", "induction-talk", "training-for-activity"])
def test_S28_thank_you_card(kind):
    assert band_of(SURREY, kind) == "thank-you-card"


@pytest.mark.parametrize("kind", ["regular-advice", "peer-review"])
def test_S29_fixed_voucher(kind):
    assert band_of(SURREY, kind) == "voucher"


@pytest.mark.parametrize(
    "kind", ["steering-group", "interview-panel", "co-facilitate-training", "co-facilitate-induction"]
)
def test_S30_hourly(kind):
    assert band_of(SURREY, kind) == "hourly"


def test_S31_the_top_band_is_paid_or_given_as_a_voucher_as_the_person_chooses():
    assert {"payment", "voucher"} <= set(SURREY.band("hourly").choices)


def test_S33_the_same_training_differs_only_by_who_asked_for_it():
    own, needed = SURREY.kind("training-own-request"), SURREY.kind("training-for-activity")
    assert (own.role, own.frequency) == (needed.role, needed.frequency)
    assert (own.requested_by, own.band) == ("person", "voluntary")
    assert (needed.requested_by, needed.band) == ("organisation", "thank-you-card")
    assert own.slug in needed.near and needed.slug in own.near


@pytest.mark.parametrize("role", [None, "facilitate", "attend"])
def test_S34_co_facilitating_a_presentation_is_in_no_band_and_asks_a_person(role):
    placing = place(SURREY, kind="co-facilitate-presentation", role=role)
    assert placing.band is None
    assert "person must decide" in placing.why and "Look at" in placing.why


@pytest.mark.parametrize(
    ("card", "paid"), [("induction-talk", "co-facilitate-induction"), ("working-group-one-off", "steering-group")]
)
def test_S35_near_neighbours_are_told_apart(card, paid):
    assert (band_of(SURREY, card), band_of(SURREY, paid)) == ("thank-you-card", "hourly")
    assert SURREY.kind(card).near and paid in SURREY.kind(card).near and card in SURREY.kind(paid).near
    qualifiers = [(kind.role, kind.frequency, kind.requested_by) for kind in (SURREY.kind(card), SURREY.kind(paid))]
    assert qualifiers[0] != qualifiers[1]


@pytest.mark.parametrize("kind", ["network-group", "working-group-one-off", "induction-talk"])
def test_S35_leading_what_the_guide_only_speaks_of_attending_asks_a_person(kind):
    assert band_of(SURREY, kind, "attend") == band_of(SURREY, kind)
    placing = place(SURREY, kind=kind, role="facilitate")
    assert placing.band is None and "person must decide" in placing.why


def test_every_kind_says_why_in_a_sentence_and_where_it_stands():
    for policy in (SURREY, COLLECTIVE):
        for kind in policy.kinds:
            assert kind.source.startswith("S")
            for why in [kind.why, *(role.why for role in kind.roles)]:
                assert why[0].isupper() and why.endswith(".") and len(why) > 20


# The Collective


def test_S18_a_co_creation_session_is_work():
    assert band_of(COLLECTIVE, "co-creation-session") == "work"


def test_S19_a_blog_is_work():
    assert band_of(COLLECTIVE, "blog") == "work"


def test_S20_a_cuppa_is_not_work_for_those_who_attend():
    assert band_of(COLLECTIVE, "cuppa", "attend") == "not-work"


def test_S20_running_a_cuppa_is_work_by_our_reading():
    placing = place(COLLECTIVE, kind="cuppa", role="facilitate")
    assert placing.band.slug == "work" and placing.proposal


def test_S20_a_cuppa_without_a_role_asks_a_person():
    placing = place(COLLECTIVE, kind="cuppa")
    assert placing.band is None and "attend, facilitate" in placing.why


def test_S21_an_intro_meeting_is_not_work():
    assert band_of(COLLECTIVE, "intro-meeting") == "not-work"


def test_S16_all_three_tests_make_work():
    placing = place(COLLECTIVE, scores={"commitment": 1, "experience": 1, "one-team": 1})
    assert placing.band.slug == "work" and not placing.proposal


def test_S17_none_of_the_three_tests_is_not_work():
    assert place(COLLECTIVE, scores={"commitment": 0, "experience": 0, "one-team": 0}).band.slug == "not-work"


@pytest.mark.parametrize("scores", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1)])
def test_S16_some_of_the_three_tests_is_settled_nowhere_and_asks_a_person(scores):
    placing = place(COLLECTIVE, scores=dict(zip(("commitment", "experience", "one-team"), scores, strict=True)))
    assert placing.band is None and "A person must decide" in placing.why


def test_S16_a_test_not_answered_asks_a_person():
    placing = place(COLLECTIVE, scores={"commitment": 1, "experience": 1})
    assert placing.band is None and "one team" in placing.why


# The conflicts that are held, never merged


def test_C1_a_blog_is_thanked_in_one_policy_and_paid_in_the_other():
    assert (band_of(SURREY, "web-content"), band_of(COLLECTIVE, "blog")) == ("thank-you-card", "work")


def test_C2_a_single_session_is_thanked_in_one_policy_and_paid_in_the_other():
    assert band_of(SURREY, "working-group-one-off") == "thank-you-card"
    assert band_of(SURREY, "steering-group") == "hourly"
    assert band_of(COLLECTIVE, "co-creation-session") == "work"


def test_C3_not_work_and_voluntary_are_one_outcome_with_two_labels():
    voluntary, not_work = SURREY.band("voluntary"), COLLECTIVE.band("not-work")
    assert band_of(SURREY, "network-group") == "voluntary" and band_of(COLLECTIVE, "cuppa", "attend") == "not-work"
    assert (voluntary.recognition, voluntary.choices) == (not_work.recognition, not_work.choices)
    assert voluntary.title != not_work.title


def test_C7_a_binary_policy_is_a_scale_of_two_bands():
    assert [band.slug for band in COLLECTIVE.bands] == ["not-work", "work"]
    assert [criterion.levels for criterion in COLLECTIVE.criteria] == [("No", "Yes")] * 3
    assert len(SURREY.bands) == 4 and SURREY.criteria


# Scores

# How we would score the guide's own examples. Our sheet is worth proposing only while it agrees with the guide.
OUR_SCORES = {
    #                       time, regularity, responsibility, experience, preparation
    "network-group": (1, 2, 0, 0, 0),
    "training-own-request": (1, 0, 0, 0, 0),
    "working-group-one-off": (1, 0, 1, 1, 0),
    "web-content": (1, 0, 0, 2, 1),
    "induction-talk": (0, 0, 1, 2, 1),
    "training-for-activity": (1, 0, 0, 1, 1),
    "regular-advice": (1, 2, 2, 2, 0),
    "peer-review": (1, 0, 2, 2, 1),
    "steering-group": (2, 2, 3, 2, 1),
    "interview-panel": (2, 0, 3, 2, 2),
    "co-facilitate-training": (1, 0, 3, 2, 2),
    "co-facilitate-induction": (1, 0, 3, 2, 2),
}


def sheet(policy, levels):
    return dict(zip([criterion.slug for criterion in policy.criteria], levels, strict=True))


@pytest.mark.parametrize("kind", OUR_SCORES)
def test_S25_our_score_sheet_agrees_with_the_guide_and_is_marked_as_ours(kind):
    scored = place(SURREY, scores=sheet(SURREY, OUR_SCORES[kind]))
    assert scored.band.slug == band_of(SURREY, kind)
    assert scored.proposal and scored.source == "S25"
    assert not place(SURREY, kind=kind).proposal


def test_S34_staff_may_score_what_the_guide_leaves_open():
    scores = sheet(SURREY, OUR_SCORES["co-facilitate-training"])
    placing = place(SURREY, kind="co-facilitate-presentation", scores=scores)
    assert placing.band.slug == "hourly" and placing.proposal


def test_the_kind_answers_before_the_score_sheet():
    nothing = sheet(SURREY, (0, 0, 0, 0, 0))
    assert place(SURREY, kind="interview-panel", scores=nothing).band.slug == "hourly"


@st.composite
def two_sheets_one_above_the_other(draw):
    policy = draw(st.sampled_from([SURREY, COLLECTIVE]))
    lower = {criterion.slug: draw(st.integers(0, criterion.highest)) for criterion in policy.criteria}
    higher = {
        criterion.slug: draw(st.integers(lower[criterion.slug], criterion.highest)) for criterion in policy.criteria
    }
    return policy, lower, higher


def step(policy, scores):
    """How far up the scale: the Collective's undecided middle lies between its two bands."""
    band = place(policy, scores=scores).band
    return 2 * policy.bands.index(band) if band else 1


@given(two_sheets_one_above_the_other())
def test_more_of_any_criterion_never_lowers_the_band(sheets):
    policy, lower, higher = sheets
    assert step(policy, lower) <= step(policy, higher)


@given(two_sheets_one_above_the_other())
def test_every_full_surrey_sheet_has_a_band(sheets):
    policy, scores, _ = sheets
    assert policy is COLLECTIVE or place(policy, scores=scores).band


# What is not known, and what staff decide


def test_without_a_kind_or_scores_a_person_decides():
    placing = place(SURREY)
    assert placing.band is None and "person must decide" in placing.why


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"kind": "interview-pannel"}, "interview-panel"),
        ({"kind": "interview-panel", "role": "chair"}, "attend, facilitate"),
        ({"scores": {"tim": 1}}, "time"),
        ({"scores": {"time": 3}}, "from 0 to 2"),
        ({"scores": {"time": -1}}, "from 0 to 2"),
        ({"scores": {"time": True}}, "from 0 to 2"),
    ],
)
def test_words_the_policy_does_not_know_are_refused_with_those_it_knows(asked, said):
    with pytest.raises(Refused) as refused:
        place(SURREY, **asked)
    assert said in refused.value.reasons[0].text


def test_every_unknown_word_is_named_at_once():
    with pytest.raises(Refused) as refused:
        place(SURREY, kind="x", role="y", scores={"z": 1})
    assert len(refused.value.reasons) == 3


def test_S26_staff_may_choose_another_band_and_say_why():
    suggested = place(SURREY, kind="web-content")
    moved = override(suggested, "voucher", " It took two days. ", SURREY)
    assert moved.band.slug == "voucher"
    assert "It took two days." in moved.why and "Thank-you card" in moved.why
    assert moved.source == "S26"


@pytest.mark.parametrize(("slug", "reason", "objections"), [("voucher", " ", 1), ("gold", "", 2), ("gold", "Yes.", 1)])
def test_S26_without_a_reason_or_with_an_unknown_band_nothing_moves(slug, reason, objections):
    with pytest.raises(Refused) as refused:
        override(place(SURREY, kind="web-content"), slug, reason, SURREY)
    assert len(refused.value.reasons) == objections


def test_S110_placing_reads_the_activity_and_nothing_about_the_person():
    assert list(inspect.signature(place).parameters) == ["policy", "kind", "role", "scores"]
    assert list(Placing.__dataclass_fields__) == ["band", "why", "source", "proposal"]
