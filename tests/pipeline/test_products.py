"""Ensures that a production build can leave the products out and still publish."""

import json

import pytest


def nodes(project, *selection: str, **options) -> dict[str, dict]:
    """Return the listed models and tests by name, with their parents."""
    keys = "--output-keys", "name", "resource_type", "tags", "depends_on"
    done = project.run("--quiet", "ls", "--output", "json", *keys, *selection, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {line["name"]: line for line in lines}


@pytest.fixture(scope="module")
def listed(make_project):
    """Everything of the project, with products and without."""
    project = make_project("listed")
    return {
        products: nodes(project, variables={"products": products}) for products in (True, False)
    }


def test_without_products_nothing_of_them_is_left_and_all_else_is(listed):
    left_out = set(listed[True]) - set(listed[False])
    assert {"product_features", "product_segments", "product_segment_history"} <= left_out
    assert not [name for name in listed[False] if "product_segment" in name]
    assert {"publications", "customer_segments", "customer_rfm", "shop_products"} <= set(
        listed[False]
    )


def test_every_model_left_out_carries_the_tag(listed):
    untagged = [
        name
        for name in set(listed[True]) - set(listed[False])
        if listed[True][name]["resource_type"] == "model"
        and "products" not in listed[True][name]["tags"]
    ]
    assert not untagged


def test_publication_waits_for_products_only_when_there_are_any(listed):
    for products in (True, False):
        parents = listed[products]["public_tables"]["depends_on"]["nodes"]
        assert ("model.segmentation.product_segments" in parents) is products
        assert "model.segmentation.customer_segments" in parents
