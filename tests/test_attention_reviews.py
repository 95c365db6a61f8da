"""The film reviews."""

from attention.data.reviews import load_reviews, split_reviews


def test_half_of_the_sentences_are_kind():
    reviews = load_reviews()
    assert len(reviews) == 10_662 and sum(r.kind for r in reviews) == 5_331
    assert reviews[0].kind and reviews[0].tokens[:3] == ["the", "rock", "is"]
    assert all(t == t.lower() and t for r in reviews[:50] for t in r.tokens)


def test_no_sentence_is_held_out_and_trained_on():
    reviews = load_reviews()
    train, test = split_reviews(reviews, test=2000)
    texts = {" ".join(r.tokens) for r in train}
    assert (len(train), len(test)) == (8_662, 2_000)
    assert not [r for r in test if " ".join(r.tokens) in texts]
    assert 0.45 < sum(r.kind for r in test) / len(test) < 0.55
    assert split_reviews(reviews)[1] == test != split_reviews(reviews, seed=1)[1]
