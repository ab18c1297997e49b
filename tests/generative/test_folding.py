"""Whatever was decided of whomever: everybody of a list is in exactly one view, and the counts add up to the list."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from risk.decisions.folding import FOLDS, VIEWS, Decided, Listed, changes, counts, fold
from risk.decisions.folding import Rules as FoldingRules
from risk.decisions.words import WORDS, apart, together

TODAY = date(2024, 12, 2)
DAYS = st.integers(-800, 400).map(lambda days: TODAY + timedelta(days=days))
DRIVERS = st.lists(st.sampled_from(["falls", "age", "heart", "blood", "alone"]), unique=True).map(tuple)
LISTED = st.builds(Listed, st.just(0), st.sampled_from(["low", "medium", "high"]), DRIVERS, st.none() | DAYS,
                   st.dictionaries(st.sampled_from(["emergency_admissions_1y", "days_since_emergency_admission"]), st.floats(0, 9)))  # fmt: skip
DECIDED = st.builds(Decided, st.sampled_from(["accept", "decline", "defer", "already_known", "removed", "added"]), DAYS,
                    st.none() | DAYS, st.none() | LISTED, st.lists(DAYS, max_size=2).map(tuple))  # fmt: skip


@given(st.lists(st.tuples(LISTED, st.none() | DECIDED, st.booleans()), max_size=12))
def test_everybody_is_in_exactly_one_view(people: list[tuple[Listed, Decided | None, bool]]) -> None:
    """Harm: somebody is in no view, and so at no meeting; or in two, and so decided about twice."""
    entries = [Listed(**{**listed.__dict__, "person_id": number}) for number, (listed, _, _) in enumerate(people)]
    decisions = {number: decided for number, (_, decided, _) in enumerate(people) if decided is not None}
    before = {number for number, (_, _, was) in enumerate(people) if was}
    placed = fold(entries, decisions, before, TODAY)
    assert [one.person_id for one in placed] == [one.person_id for one in entries]
    assert sum(counts(placed).values()) == len(entries)
    assert set(counts(placed)) == set(VIEWS)
    for one, entry in zip(placed, entries, strict=True):
        decided = decisions.get(one.person_id)
        if one.view == "folded":
            assert decided is not None
            assert decided.what in FOLDS
            assert not changes(entry, decided, FoldingRules())
            assert decided.on + timedelta(days=365) > TODAY
        assert (one.view == "new") == (decided is None)


WRITTEN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["accept", "red"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["informed", "queue", "decision", "place"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["attendees", "informed", "reason"]), WRITTEN), st.dictionaries(st.sampled_from(sorted(WORDS)), st.text(min_size=1), max_size=4))  # fmt: skip
def test_words_come_back_to_where_they_were(said: dict[str, object], words: dict[str, str]) -> None:
    """Harm: what somebody said is shown under another's name, or stays where forgetting does not look."""
    whole = {**said, **words, "attendees": [words, said]}
    codes, texts = apart(whole)
    assert not any(word in str(codes) for word in texts.values() if len(word) > 12)
    assert together(codes, texts) == whole
