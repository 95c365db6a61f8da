"""Two memories and what goes between them: the shapes are those of the functions."""

import re

import pytest

from attention.figures.memory_rooms import tile_shapes, tiles_drawing


def test_each_part_has_the_shape_of_its_tensor():
    assert tile_shapes(n=35, d=3, block=7) == {
        **dict.fromkeys("QKVO", "35×3"),
        **dict.fromkeys("qkvo", "7×3"),
        "tile": "7×7",
        "sums": "2×7",
    }


@pytest.mark.parametrize("name", ["wide", "narrow"])
def test_the_drawing_writes_every_shape_and_how_often_a_block_is_read(name):
    html = tiles_drawing(35, 3, 7)._repr_html_()
    drawn = re.search(rf'<svg class="{name}".*?</svg>', html, re.S)[0]
    shapes = {**tile_shapes(35, 3, 7)}
    if name == "narrow":
        del shapes["sums"]  # named there, not drawn
    for shape in shapes.values():
        assert f">{shape}<" in drawn
    assert drawn.count("5 times</text>") == 2 and drawn.count("once</text>") == 2
