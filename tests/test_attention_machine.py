"""The machine: what it says of the Transformer is what the real modules do."""

import itertools
import json
import re
from functools import partial
from xml.etree import ElementTree

import pytest
import torch
from torch import nn

from attention.data.batches import make_batch
from attention.data.vocabulary import Vocabulary
from attention.figures.machine import show_machine
from attention.figures.machine_layout import place_columns
from attention.figures.machine_parts import MACHINE, address
from attention.figures.machine_towers import short
from attention.figures.machine_watch import watch
from attention.models.transformer import Transformer
from course_site.library import find_definition
from tests.support.markup import from_outside
from tests.support.places import ROOT
from tests.support.stage import (
    axe_faults,
    in_both_themes,
    overflow,
    said,
    small_targets,
)

SOURCE = "tom asked me what i wanted to eat .".split()  # 9
TARGET = "tom m' a demandé ce que je voulais manger .".split()  # 10, and the end
WORDS = Vocabulary(SOURCE), Vocabulary(TARGET)


def model(pre_norm: bool = True) -> Transformer:
    torch.manual_seed(0)
    sizes = {"d_model": 14, "h": 2, "d_ff": 23, "layers": 3}
    return Transformer(*map(len, WORDS), pre_norm=pre_norm, **sizes).eval()


MODEL = model()
SEEN = watch(MODEL, SOURCE, TARGET, WORDS)
BATCH = make_batch([(SOURCE, TARGET)], *WORDS)


def machine(**options):
    return show_machine(SEEN, **{"alt": "two towers", "start": 3} | options)


def data(figure) -> dict:
    return json.loads(re.search(r"data = (.*?);\n", figure.html)[1])


def svgs(figure) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(s) for s in re.findall("<svg.*?</svg>", figure.html)]


def shapes_of_all_modules(given) -> dict[str, list[int]]:
    """Run the real model with hooks of this test's own, on every module."""
    found: dict[str, list[int]] = {}

    def note_as(name):
        return lambda module, _, out: found.update({name: list(out.shape[1:])})

    hooks = [
        module.register_forward_hook(note_as(name))
        for name, module in MODEL.named_modules()
        if name and not isinstance(module, nn.ModuleList)
    ]
    MODEL.decode(given, *MODEL.encode(BATCH.source))
    for hook in hooks:
        hook.remove()
    return found


LAYERED = {
    "encoder-attention": "encoder.{}.self_attn",
    "encoder-network": "encoder.{}.feed_forward",
    "encoder-norms": "encoder.{}.residuals.0",
    "decoder-attention": "decoder.{}.self_attn",
    "cross-attention": "decoder.{}.cross_attn",
    "decoder-network": "decoder.{}.feed_forward",
    "decoder-norms": "decoder.{}.residuals.2",
}
SINGLE = {
    "source-embedding": "embed_source",
    "target-embedding": "embed_target",
    "encoder-norm": "encoder_norm",
    "decoder-norm": "decoder_norm",
}


@pytest.mark.parametrize("t", [1, 4, 11])
def test_the_shapes_shown_are_those_that_the_real_modules_put_out(t):
    found = shapes_of_all_modules(BATCH.given[:, :t])
    shown = dict(zip(MACHINE, data(machine())["shapes"][t - 1], strict=True))
    names = SINGLE | {part: name.format(2) for part, name in LAYERED.items()}
    for part, name in names.items():
        assert shown[part] == "×".join(map(str, found[name])), part
    assert shown["output"] == f"{t}×{len(WORDS[1])}"


def test_the_shares_are_those_of_the_real_weights_and_sum_to_one():
    total = sum(w.numel() for w in MODEL.parameters())
    for part, name in LAYERED.items():
        start = name.format(r"\d+").removesuffix(".0").removesuffix(".2")
        own = sum(w.numel() for n, w in MODEL.named_parameters() if re.match(start, n))
        assert SEEN.shares[part] == own / total
        assert f"{own:,} weights" in data(machine())["parts"][part]["share"]
    assert sum(SEEN.shares.values()) == pytest.approx(1)
    assert data(machine())["parts"]["output"]["share"] == "no weights of its own"


def test_the_weights_shown_are_those_of_the_first_layer_the_mean_of_its_heads():
    MODEL(BATCH)
    for kind in ("encoder", "decoder", "cross"):
        expected = MODEL.weights(kind)[0, 0].mean(0)
        assert torch.allclose(SEEN.looks[kind], expected, atol=1e-6)
    assert torch.allclose(
        torch.tensor(data(machine())["cross"]), SEEN.looks["cross"], atol=0.0051
    )


def test_word_by_word_the_guesses_are_those_of_one_pass_over_all():
    whole = MODEL(BATCH)[0].softmax(-1)
    for row, moment in zip(whole, SEEN.moments, strict=True):
        word, chance = moment.guesses[0]
        assert WORDS[1].tokens[row.argmax()] == word
        assert chance == pytest.approx(row.max().item(), abs=1e-5)


def test_watching_leaves_the_model_as_it_was():
    before = [w.clone() for w in MODEL.parameters()]
    watch(MODEL, SOURCE, TARGET, WORDS)
    assert all(map(torch.equal, before, MODEL.parameters()))
    assert not any(m._forward_hooks for m in MODEL.modules())


@pytest.mark.parametrize("part", MACHINE)
def test_each_part_is_drawn_in_both_layouts_and_leads_to_its_code(part):
    for svg in svgs(machine()):
        assert [g for g in svg.iter("g") if g.get("data-part") == part]
    place = MACHINE[part]
    assert (
        address(place.code)
        == "../" + find_definition(ROOT / "book", place.code).address
    )


def test_the_future_is_hatched_and_the_past_grows_by_a_row_a_word():
    svg = svgs(machine())[0]
    hatches = [p.get("d") for p in svg.iter("path") if p.get("class") == "future"]
    assert len(hatches) == 1 and hatches[0].count("M") == 11 * 10 // 2
    maps = [g for g in svg.iter("g") if g.get("class") == "map"]
    states = [[row.get("class") for row in m.iter("g")][1:] for m in maps]
    assert states == [[], *2 * [["past"] * 3 + ["now"] + ["later"] * 7]]


def test_no_column_stands_on_another():
    columns = place_columns(["a", "demandé", "ce", "."], 5)
    ends = [(x - w / 2, x + w / 2) for x, w in columns]
    assert ends[0][0] >= 4
    assert all(one[1] < two[0] for one, two in itertools.pairwise(ends))


@pytest.mark.parametrize(
    ("weight", "text"), [(0.574, ".57"), (0.02, "·"), (1.0, ".99"), (0.05, ".05")]
)
def test_small_weights_are_a_dot(weight, text):
    assert short(weight) == text


def test_the_sentence_says_what_was_read_and_what_is_written():
    said = data(machine())["sentences"][3]
    assert "The decoder has read “<start> tom m' a”" in said
    assert f"It writes “{SEEN.moments[3].guesses[0][0]}”" in said


def test_a_machine_is_the_same_bytes_and_light_and_asks_nothing_of_the_network():
    html = machine().html
    assert html == machine().html and len(html.encode()) < 61_000
    assert not from_outside(html)
    assert len(re.findall(r'\sid="', html)) == 1


@pytest.mark.parametrize("wrong", [{"start": 11}, {"start": -1}, {"opened": "attic"}])
def test_a_word_or_a_part_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match="expected a word and a part"):
        machine(**wrong)


def test_a_machine_needs_words_for_it():
    with pytest.raises(ValueError, match="alt text"):
        machine(alt="")


def test_a_post_ln_model_starts_with_its_norms_behind():
    seen = watch(model(pre_norm=False), SOURCE, TARGET, WORDS)
    html = show_machine(seen, alt="post").html
    assert 'value="post" checked' in html and 'data-order="post"' in html
    assert seen.numbers["encoder-norm"] == 0


# --- in a browser ---


@pytest.fixture
def page(stage):
    """What opens a page with a machine that does not glide."""
    figure = machine(title="It writes")
    return partial(stage, figure, height=900, reduced_motion="reduce")


def part(tab, name):
    return tab.locator(f"svg:visible [data-part={name}]").first


@pytest.mark.slow
def test_arrow_keys_move_the_word_and_all_that_hangs_on_it(page):
    tab = page(width=760)
    slider = tab.get_by_role("slider", name="word being written")
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "ce"
    assert said(tab) == data(machine())["sentences"][4]
    assert "5×14" in tab.locator(".size").inner_text()
    assert tab.locator(".wide .column.now .next text").text_content() == "ce"
    seen = tab.locator(".wide .map [data-t]:not(.later)").count()
    assert seen == 2 * 5
    weight = tab.locator(".wide .arc").nth(2).evaluate("e => e.style.cssText")
    assert float(weight.split(":")[1].strip(" ;")) == data(machine())["cross"][4][2]


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 760])
def test_a_part_opens_by_pointer_and_by_arrow_keys(page, width):
    tab = page(width=width)
    part(tab, "encoder-attention").click()
    assert tab.locator(".what").inner_text() == "encoder: self-attention"
    assert "9×14; weights: 2 heads, 9×9" in tab.locator(".size").inner_text()
    tab.keyboard.press("ArrowUp")
    assert tab.locator(".what").inner_text() == "encoder: feed-forward network"
    assert tab.locator(".panel a").get_attribute("href").endswith("#FeedForward")
    assert part(tab, "encoder-network").get_attribute("aria-checked") == "true"
    assert tab.evaluate("document.activeElement.dataset.part") == "encoder-network"


@pytest.mark.slow
def test_the_tab_key_stops_once_at_the_parts(page):
    tab = page(width=760)
    assert tab.locator("svg:visible [tabindex='0']").count() == 1


@pytest.mark.slow
def test_the_switch_moves_each_norm_from_before_its_block_to_behind_the_sum(page):
    tab = page(width=760)

    def heights():
        return [
            tab.locator(chosen).first.bounding_box()["y"]
            for chosen in (".wide .norm", ".wide .body [data-part]", ".wide .sum")
        ]

    norm, block, added = heights()
    assert norm > block > added  # upwards: norm, block, sum
    tab.get_by_label("post-LN").check()
    norm, block, added = heights()
    assert block > added > norm
    part(tab, "encoder-norms").click()
    assert tab.locator(".formula").inner_text() == "LN(x + Sublayer(x))"


@pytest.mark.slow
def test_parts_are_large_enough_for_a_finger(page):
    for width in (390, 760):
        tab = page(width=width)
        assert small_targets(tab, "svg:visible .part") == []


@pytest.mark.slow
def test_without_script_it_stands_still_with_no_dead_control(page):
    tab = page(width=760, script=False)
    assert not tab.locator(".controls").is_visible()
    assert tab.locator(".wide .column.now .next text").text_content() == "demandé"
    assert tab.locator("[role=radio], [tabindex]").count() == 0
    assert "cross-attention" in tab.locator(".panel").inner_text()


@pytest.mark.slow
def test_paper_shows_no_control(page):
    tab = page(width=760)
    tab.emulate_media(media="print")
    assert not tab.locator(".controls").is_visible()
    assert tab.locator("svg:visible").count() == 1


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 760])
@in_both_themes
def test_axe_finds_no_barrier_in_a_machine(page, width, theme):
    tab = page(width=width, theme=theme)
    assert axe_faults(tab) == []
    assert overflow(tab) == 0
