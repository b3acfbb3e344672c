"""The plots of `stats --report`: what stands at an axis is where it stands."""

from __future__ import annotations

import re

import pytest

from mcpctl.render.stats_plots import Curve, bars


@pytest.mark.parametrize("most", [0, 1, 5, 13, 25, 99])
def test_the_middle_of_an_axis_of_counts_is_a_whole_number(most: int) -> None:
    drawn = bars([Curve("ok", [most])], ["12:00"], lambda value: f"{value:g}")
    low, middle, high = (float(text) for text in re.findall(r'text-anchor="end">([\d.]+)<', drawn))
    assert (low, middle) == (0, high / 2)
    assert middle.is_integer()
    assert high >= most
