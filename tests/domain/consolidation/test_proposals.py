"""Proposals stand by addressee, however it is written, word for word, with what became of them."""

import random
import unicodedata

from app.domain.consolidation.proposals import (
    Made,
    ProposalAnswer,
    addressee_key,
    collected,
    proposal_sha256,
)
from app.domain.submissions.narrative import Proposal


def a_proposal(addressee: str, text: str = "Bố trí kinh phí.") -> Proposal:
    return Proposal(addressee=addressee, text=text)


def test_an_addressee_is_one_however_it_is_composed_capitalised_and_spaced() -> None:
    decomposed = unicodedata.normalize("NFD", "UBND tỉnh")
    assert {addressee_key(one) for one in ("UBND tỉnh", " ubnd  TỈNH", decomposed)} == {"ubnd tỉnh"}
    assert addressee_key("Sở Y tế") != addressee_key("Sơ Y tế")


def test_proposals_stand_by_addressee_and_unit_as_first_written() -> None:
    twice = a_proposal("ubnd  Tỉnh", "Tập huấn.")
    made = [
        Made("b", [a_proposal("UBND tỉnh"), a_proposal("Ban Tuyên giáo")]),
        Made("a", [twice, a_proposal("ubnd  Tỉnh"), twice]),
        Made("c", []),
    ]
    found = collected(made)
    assert [
        (group.addressee, [(one.unit, one.text) for one in group.proposals]) for group in found
    ] == [
        ("Ban Tuyên giáo", [("b", "Bố trí kinh phí.")]),
        (
            "ubnd  Tỉnh",
            [("a", "Tập huấn."), ("a", "Bố trí kinh phí."), ("b", "Bố trí kinh phí.")],
        ),
    ]
    random.Random(1).shuffle(made)
    assert collected(made) == found


def test_each_has_what_became_of_it_and_is_open_until_then() -> None:
    one = a_proposal("UBND tỉnh")
    answer = ProposalAnswer("declined", "Chưa có nguồn.")
    ((group),) = collected(
        [
            Made("a", [one], {proposal_sha256(one): answer}),
            Made("b", [one, a_proposal("UBND tỉnh")]),
        ]
    )
    assert [(row.unit, row.status, row.answer) for row in group.proposals] == [
        ("a", "declined", "Chưa có nguồn."),
        ("b", "open", None),
    ]


def test_the_hash_tells_the_text_exactly_and_the_addressee_as_compared() -> None:
    hashed = proposal_sha256(a_proposal("UBND tỉnh"))
    assert proposal_sha256(a_proposal("UBND  TỈNH")) == hashed
    assert proposal_sha256(a_proposal("UBND tỉnh", "bố trí kinh phí.")) != hashed
    assert proposal_sha256(a_proposal("UBND huyện")) != hashed
