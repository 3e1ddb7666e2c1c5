from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain import listing
from triage.domain.lead import LeadId
from triage.domain.listing import Listing

ids = st.lists(st.integers(0, 99).map(lambda number: LeadId(f"L-{number:02d}")), unique=True)
places = st.integers(-30, 30)


@pytest.fixture(scope="module", autouse=True)
def _in_short_stretches() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "_STRETCH", 3)
        yield


@given(ids, places, places, st.sampled_from((None, 1, 2, -1)))
def test_a_listing_reads_as_the_list_of_its_ids(known, start, stop, step):
    made = Listing(known)
    assert (list(made), len(made), bool(made)) == (known, len(known), bool(known))
    assert made[start:stop:step] == tuple(known)[start:stop:step]
    assert [made[place] for place in range(-len(known), len(known))] == known * 2
    assert [made.index(one) for one in known] == list(range(len(known)))
    with pytest.raises(IndexError):
        made[len(known)]


@given(ids, ids)
def test_listings_are_equal_when_the_same_ids_stand_in_the_same_order(one, other):
    assert (Listing(one) == Listing(other)) == (one == other)
    assert (Listing(one) == tuple(other)) == (one == other)


@given(ids, st.data())
def test_putting_in_and_taking_out_leaves_the_listing_before_as_it_was(known, data):
    made = Listing()
    for step, lead_id in enumerate(known):
        before, was = made, list(made)
        place = data.draw(st.integers(0, len(was)))
        made = made.inserted(place, lead_id)
        assert list(made) == [*was[:place], lead_id, *was[place:]]
        if step % 3 == 0:
            made = made.without(place)
            assert list(made) == was
        assert list(before) == was


@given(ids, st.sets(ids.map(lambda some: some[0] if some else LeadId("L-none"))))
def test_several_are_taken_out_at_once_whether_they_are_there_or_not(known, gone):
    made = Listing(known)
    assert list(made.without_all(gone)) == [one for one in known if one not in gone]
    assert list(made) == known
