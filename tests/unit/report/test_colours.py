"""Ensures that segments keep their colour and can be told apart by everybody."""

from itertools import combinations

import numpy as np
import plotly.graph_objects as go
import pytest

from segmentation.report.colours import (
    DARK,
    LIGHT,
    PALETTE,
    ink_on,
    looks,
    relative_luminance,
    template,
)

# Machado, Oliveira & Fernandes (2009), severity 1, on linear RGB.
VISION = {
    "full": np.eye(3),
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
# Ottosson (2020): from linear RGB to cone responses, and on to OKLab.
CONES = [[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]]
OKLAB = [[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]]


def linear(colour):
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def seen(colour, vision):
    cones = np.array(CONES) @ np.clip(np.array(VISION[vision]) @ linear(colour), 0, 1)
    return np.array(OKLAB) @ np.cbrt(cones)


def contrast(one, other):
    low, high = sorted([relative_luminance(one), relative_luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("vision", VISION)
def test_any_two_colours_stay_apart(vision):
    # 0.02 is the just noticeable difference in OKLab; areas and dots need several.
    gaps = [np.linalg.norm(seen(a, vision) - seen(b, vision)) for a, b in combinations(PALETTE, 2)]
    assert min(gaps) > 0.10


@pytest.mark.parametrize("paper", [LIGHT.paper, DARK.paper])
def test_colours_stand_out_from_the_page(paper):
    assert min(contrast(colour, paper) for colour in PALETTE) > 2.2


def test_text_on_a_colour_and_on_the_page_is_readable():
    assert min(contrast(ink_on(colour), colour) for colour in PALETTE) >= 4.5
    for theme in (LIGHT, DARK):
        assert contrast(theme.text, theme.paper) >= 7
        assert contrast(theme.muted, theme.paper) >= 4.5


def test_a_segment_keeps_its_look_when_others_come_and_go():
    before, after = looks([1, 2, 3]), looks([2, 5])
    assert after[2] == before[2]
    assert looks([7])[7].colour == PALETTE[6]


def test_an_id_beyond_the_palette_takes_a_free_place():
    found = looks([1, 9])
    assert found[1].colour == PALETTE[0]
    assert found[9].colour == PALETTE[1]


def test_segments_in_use_choose_before_retired_ones():
    found = looks([9], retired=[1, 9])
    assert found[9].colour == PALETTE[0]
    assert found[1].colour != PALETTE[0]


def test_twenty_segments_differ_in_colour_or_marker():
    found = looks(range(1, 21))
    assert len({(look.colour, look.symbol) for look in found.values()}) == 20


def test_light_and_dark_templates_are_valid_and_differ():
    light, dark = (go.Figure(layout={"template": template(dark)}) for dark in (False, True))
    assert light.layout.template.layout.font.color == LIGHT.text
    assert dark.layout.template.layout.font.color == DARK.text
