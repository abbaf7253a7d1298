"""Ensures that wrong settings and odd data end in one sentence or a quarantine, never halfway."""

import shutil

import pytest

from tests.pipeline.conftest import LIGHT

USERS, ORDERS, ITEMS, PRODUCTS = "users.csv", "orders.csv", "order_items.csv", "products.csv"
QUICK = LIGHT | {"k_max": 4}


def shop_of(buyers: int, **columns) -> dict[str, str]:
    """Return the files of a shop whose buyers differ in age, spend and recency.

    `columns` replaces the values of age, country or price: a text for all buyers, or a list.
    """

    def value(name: str, buyer: int, default: str) -> str:
        given = columns.get(name, default)
        return str(given[buyer % len(given)] if isinstance(given, list) else given)

    users, orders, items = ["id,age,gender,country"], ["order_id,user_id,created_at"], []
    for buyer in range(buyers):
        age = value("age", buyer, str(20 + buyer))
        country = value("country", buyer, "Peru" if buyer % 2 else "Chad")
        price = value("price", buyer, f"{(buyer + 1) ** 2}.50")
        day = value("day", buyer, f"2023-02-{1 + buyer % 28:02}")
        users.append(f"{buyer + 1},{age},{'FM'[buyer % 2]},{country}")
        for _ in range(1 + buyer % 3 if buyers > 1 else 1):
            order = len(orders)
            orders.append(f"{order},{buyer + 1},{day}")
            items.append(f"{order},{order},{1 + order % 5},{price}")
    products = ["id,brand,category"] + [f"{n},Brand {n},Category {n % 3}" for n in range(1, 6)]
    files = {USERS: users, ORDERS: orders, PRODUCTS: products}
    files[ITEMS] = ["id,order_id,product_id,sale_price", *items]
    return {name: "\n".join(lines) + "\n" for name, lines in files.items()}


@pytest.fixture(scope="module")
def published(sample, make_project):
    """A project without a warehouse, and with published files that no refused build may touch."""
    project = make_project("bad_input")
    shutil.copytree(sample.serving, project.serving, symlinks=True)
    return project


@pytest.fixture
def refusal(published):
    """Return what dbt says when it must refuse, having published and shown no traceback."""

    def refuse(**options) -> str:
        before = published.published_files()
        variables = QUICK | options.pop("variables", {})
        command = ("build", "--exclude-resource-type", "unit_test")
        done = published.run(*command, variables=variables, **options)
        assert done.returncode != 0, done.stdout
        assert "Traceback" not in done.stdout + done.stderr
        assert before
        assert published.published_files() == before
        return " ".join(done.stdout.split())

    return refuse


@pytest.fixture
def shop(write_shop, tmp_path):
    """Write a shop of so many buyers; return its folder."""
    return lambda buyers, **columns: write_shop(tmp_path / "raw", shop_of(buyers, **columns))


# --- settings: refused before any model runs ---


def mine(*features: dict, **settings) -> dict:
    return {"recipe": "mine", "recipes": {"mine": {"features": list(features), **settings}}}


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"recipe": "fancy"},
            "Recipe 'fancy' (var recipe) is unknown. Known recipes: article, def",
        ),
        ({"k": 0}, "Setting k is 0 (recipe 'default'), but it must be a whole number of at least"),
        ({"produtcs": False}, "Setting produtcs is unknown. The nearest one is products."),
    ],
)
def test_a_wrong_setting_ends_the_build_before_any_model_runs(refusal, variables, sentence):
    said = refusal(variables=variables)
    assert sentence in said
    assert "START" not in said


# --- data that no model can be fitted to ---


@pytest.mark.parametrize(
    ("buyers", "variables", "sentence"),
    [
        (1, {}, "customer_features has too few customers (1): at least 3 are needed. Bring more"),
        (2, {}, "customer_features has too few customers (2): at least 3 are needed. Bring more"),
        (4, {"k": 5}, "customer_features has too few customers (4): k is 5. Bring more data or"),
        (
            9,
            {"k": 4} | mine({"name": "gender"}),
            "too few different customers that recipe 'mine' can use (2): k is 4. Bring more data",
        ),
    ],
)
def test_too_few_buyers_are_refused_before_any_fit(refusal, shop, buyers, variables, sentence):
    said = refusal(raw_path=shop(buyers), variables=variables)
    assert sentence in said
    assert "START python" not in said


def test_buyers_who_are_all_alike_are_refused(refusal, shop):
    raw_path = shop(9, price="5.00", day="2023-02-01", age="30", country="Peru")
    said = refusal(raw_path=raw_path, variables=mine({"name": "age"}, {"name": "country"}))
    assert "No feature of recipe 'mine' varies in customer_features" in said
    assert "START python" not in said


# --- data that is odd but usable ---


def build(project, raw_path, variables):
    return project.build(raw_path=raw_path, variables=variables | QUICK)


@pytest.mark.parametrize("buyers", [3, 5])
def test_a_handful_of_buyers_can_be_segmented(project, shop, buyers):
    build(project, shop(buyers), {})
    assert len(project.published("from customer_segments")) == buyers


def test_missing_and_constant_features_leave_the_recipe_with_a_warning(project, shop):
    raw_path = shop(24, age="", country="Peru")
    done = build(project, raw_path, {"recipe": "article", "k": 3})
    said = " ".join(done.stdout.split())
    for feature in ("age", "country", "traffic_source"):
        assert f"Feature '{feature}' is missing throughout or constant in customer_features" in said
    used = set(project.published("select distinct feature from scaling")["feature"])
    assert used == {"gender", "total_orders", "most_frequent_brand", "most_frequent_category"}
    assert len(project.published("from customer_segments")) == 24


def test_infinite_and_absurd_numbers_are_quarantined_with_a_reason(project, shop):
    prices = ["10", "20.5", "inf", "30", "-1", "1e300", "nan", "40", "999999.99", "50"]
    ages = ["30", "200", "-4", "40", "inf", "50"]
    build(project, shop(40, price=prices, age=ages), {})
    counted = project.published("select * from data_quality").set_index(
        ["table_name", "check_name"]
    )
    dropped = counted.loc[("order_items", "bad price"), "rows"]
    assert (
        dropped
        == project.query(
            "select count(*) from raw_order_items where sale_price in ('inf', '1e300', 'nan')"
        )[0][0]
    )
    features = project.published("select * from customer_features")
    assert features["total_spend"].max() < 4e6
    assert features["age"].dropna().between(0, 120).all()
    segments = project.published("select * from customer_segments")
    assert segments[["component_1", "distance"]].notna().all().all()
    exclusions = project.published("select * from exclusions")
    assert len(segments) + len(exclusions) == 40
