"""ByteNet: what each side sees, and that padding says nothing."""

import torch
from torch.nn import functional as F

from attention.data.batches import Batch
from attention.data.vocabulary import PAD, START
from attention.figures.cousins import bytenet_towers
from attention.figures.drawing import Arrow
from attention.models.bytenet import ByteNet
from attention.models.decoding import greedy_decode


def small():
    torch.manual_seed(0)
    model = ByteNet(23, 29, embed_size=11, d=14, encoder=(1, 2), decoder=(1, 2))
    return model.eval()


def sentence(n=7, of=23):
    return torch.randint(4, of, (1, n))


def test_the_encoding_is_the_same_for_every_padding():
    model, source = small(), sentence()
    alone = model.encode(source)
    for room in (1, 2, 17):
        padded = model.encode(F.pad(source, (0, room), value=PAD))
        assert torch.allclose(padded[:, :7], alone, atol=1e-6)
        assert not padded[:, 7:].any()


def test_the_encoder_sees_as_far_as_the_formula_says_to_both_sides():
    model, source = small(), sentence(21)
    encoder, decoder = model.reach()
    assert (encoder, decoder) == (7, 7)
    other = source.clone()
    other[0, 10] = 4 if source[0, 10] != 4 else 5
    moved = (model.encode(other) - model.encode(source)).abs().sum(-1)[0] > 1e-6
    assert moved.nonzero()[:, 0].tolist() == list(range(7, 14))


def test_the_decoder_sees_the_past_alone():
    model, memory = small(), small().encode(sentence())
    given = sentence(9, 29)
    other = given.clone()
    other[0, 5:] = (given[0, 5:] + 1) % 29
    one, two = (model.decode(y, memory) for y in (given, other))
    assert torch.allclose(one[:, :5], two[:, :5], atol=1e-6)
    assert not torch.allclose(one[:, 5:], two[:, 5:])


def test_a_target_may_be_longer_or_shorter_than_its_source():
    model, source = small(), sentence(5)
    for m in (1, 5, 12):
        given = sentence(m, 29)
        assert model(Batch(source, given, given)).shape == (1, m, 29)


def test_steps_give_what_teacher_forcing_gives():
    model, source, given = small(), sentence(), sentence(6, 29)
    state, rows = model.start(source), []
    for token in given.unbind(1):
        logits, state, _ = model.step(token, state)
        rows.append(logits)
    whole = model.decode(given, model.encode(source))
    assert torch.allclose(torch.stack(rows, 1), whole, atol=1e-5)


def test_it_writes_by_the_courses_loop():
    model = small()

    def step(token, state):
        return model.step(token, state)[:2]

    state = model.start(sentence())
    written = greedy_decode(step, state, torch.full((1,), START), 2, 5)
    assert len(written) == 1 and len(written[0]) <= 5


def test_its_drawing_writes_the_shapes_that_flow():
    model, source, given = small(), sentence(7), sentence(3, 29)
    parts = bytenet_towers(model, source, given)
    shapes = [part.shape for part in parts if type(part) is Arrow]
    assert shapes == ["1×7", "7×14", "3×14", "3×14", "3×29"]
