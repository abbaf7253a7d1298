"""Ensures that wrong settings and odd data end in one sentence or a quarantine, never halfway."""

import json
import os
import shutil
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner

USERS, ORDERS, ITEMS, PRODUCTS = "users.csv", "orders.csv", "order_items.csv", "products.csv"
QUICK = {"bootstraps": 2, "k_max": 4, "extras": False, "products": False}


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
    shutil.copytree(sample.serving, project.serving)
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


ROOT = Path(__file__).resolve().parents[2]


def mine(*features: dict, **settings) -> dict:
    return {"recipe": "mine", "recipes": {"mine": {"features": list(features), **settings}}}


WRONG_SETTINGS = [
    ({"recipe": "fancy"}, "Recipe 'fancy' (var recipe) is unknown. Known recipes: article, def"),
    ({"k": 0}, "Setting k is 0 (recipe 'default'), but it must be a whole number of at least 2"),
    (
        mine({"name": "shoe_size"}),
        "Recipe 'mine' names the feature 'shoe_size', which customer_features does not have. "
        "It has: age, gender, country",
    ),
    ({"k": 1}, "Setting k is 1 (recipe 'default'), but it must be a whole number of at least 2"),
    ({"k": "five"}, "Setting k is five (recipe 'default'), but it must be a whole number"),
    ({"k_min": 6, "k_max": 4}, "Setting k_max is 4 (recipe 'default'), but it must not be below"),
    ({"components": 1.5}, "Setting components is 1.5 (recipe 'default'), but it must be a whole"),
    ({"missing": "guess"}, "Setting missing is guess (recipe 'default'), but it must be one of"),
    ({"minimum_share": 2}, "Setting minimum_share is 2 (recipe 'default'), but it must be a share"),
    ({"max_fit_rows": -1}, "Setting max_fit_rows is -1 (recipe 'default'), but it must be a whole"),
    (mine(), "Recipe 'mine' names no feature. List at least one under `features`"),
    (mine({"name": "age"}, {"name": "age"}), "names the feature 'age' twice. Remove one"),
    (mine({"kind": "number"}), "has a feature without a name"),
    (mine({"name": "age", "transform": "cube"}), "the transform 'cube'. Use none or log1p"),
    (
        mine({"name": "gender", "transform": "log1p"}),
        "gives the category 'gender' a transform. Only numbers have one: remove it",
    ),
    (mine({"name": "age"}, clusters=5), "has the unknown setting 'clusters'. Known settings:"),
    ({"recipes": {"mine": {"extends": "mine"}}, "recipe": "mine"}, "or extends itself"),
    (
        mine({"name": "age", "tranform": "log1p"}),
        "Recipe 'mine' says 'tranform' of feature 'age', which means nothing. "
        "Use name, transform, low, high, triggers.",
    ),
    (mine({"name": "age", "low": 5}), "Recipe 'mine' calls low values of feature 'age' 5. Write"),
    (mine({"name": "age", "low": False}), "calls low values of feature 'age' false. Write words"),
    (mine({"name": "age", "high": " "}), "calls high values of feature 'age' ' '. Write words"),
    (mine({"name": "age", "high": None}), "calls high values of feature 'age' null. Write words"),
    (mine({"name": "age", "triggers": "no"}), "says 'no' for triggers of feature 'age'. Use true"),
    (mine({"name": 5}), "has a feature without a name"),
    (mine({"name": ["age"]}), "has a feature without a name"),
    ({"recipes": {"mine": None}}, "Recipe 'mine' is null, but a recipe is a name and a mapping"),
    ({"recipes": {"mine": 5}, "recipe": "mine"}, "Recipe 'mine' is 5, but a recipe is a name"),
    ({"recipes": "hello"}, "The var recipes is 'hello', but it must hold recipes by name. Write"),
    ({"recipes": ["a"]}, "The var recipes is ['a'], but it must hold recipes by name. Write"),
    ({"recipe": ["a"]}, "Recipe ['a'] (var recipe) is unknown. Known recipes: article, def"),
    (
        {"recipes": {"mine": {"extends": ["a"]}}, "recipe": "mine"},
        "Recipe 'mine' extends ['a'], wh",
    ),
    ({"recipes": {"standard": {"k": 3}}}, "The var recipes has a recipe 'standard', but that is"),
    ({"seed": 2**32}, "Setting seed is 4294967296 (recipe 'default'), but it must be below 4294"),
    ({"product_pca_seed": 2**32}, "Setting pca_seed is 4294967296 (recipe 'product'), but it must"),
    ({"extras": "maybe"}, "Setting extras is 'maybe', but it must be true or false. Change it in"),
    ({"extras": "false"}, "Setting extras is 'false', but it must be true or false. Change it in"),
    ({"extras": None}, "Setting extras is null, but it must be true or false. Change it in"),
    ({"max_sale_price": "abc"}, "Setting max_sale_price is 'abc', but it must be a number above 0"),
    ({"max_sale_price": None}, "Setting max_sale_price is null, but it must be a number above 0"),
    ({"max_sale_price": -1}, "Setting max_sale_price is -1, but it must be a number above 0"),
    ({"max_sale_price": True}, "Setting max_sale_price is true, but it must be a number above 0"),
    ({"stability_warn": "abc"}, "Setting stability_warn is 'abc', but it must be a number from 0"),
    ({"stability_doubtful": 5}, "Setting stability_doubtful is 5, but it must be a number from 0"),
    ({"suggestion_effect": "big"}, "Setting suggestion_effect is 'big', but it must be a number"),
    ({"as_of": "yesterday"}, "The setting as_of is 'yesterday', which is no day of the calendar"),
    ({"drift_warn": "abc"}, "Setting drift_warn is abc, but it must be a number from 0 to 1"),
]


@pytest.mark.parametrize(("variables", "sentence"), WRONG_SETTINGS[:3])
def test_a_wrong_setting_ends_the_build_before_any_model_runs(refusal, variables, sentence):
    said = refusal(variables=variables)
    assert sentence in said
    assert "START" not in said


@pytest.fixture(scope="module")
def parsed_project(published):
    """Run dbt in this process on a project parsed once: a parse costs more than all the rest."""
    # dbt in this process keeps its warehouse open, which the builds of other tests could not write.
    own_warehouse = {"SEGMENTATION_WAREHOUSE": str(published.folder / "settings.duckdb")}
    settings = published.environment() | own_warehouse
    folders = ["--target-path", str(published.folder / "parsed"), "--project-dir", str(ROOT)]
    folders += ["--log-path", str(published.folder / "logs"), "--profiles-dir", str(ROOT)]
    with pytest.MonkeyPatch.context() as patch:
        for name in set(os.environ) - set(settings):
            patch.delenv(name)
        for name, value in settings.items():
            patch.setenv(name, value)
        manifest = dbtRunner().invoke(["--quiet", "parse", *folders]).result

        def build(variables: dict) -> tuple[bool, str]:
            said: list[str] = []
            runner = dbtRunner(manifest, [lambda event: said.append(event.info)])
            command = ["--quiet", "build", "--vars", json.dumps(variables), *folders]
            success = runner.invoke(command).success
            shown = [info.msg for info in said if info.level in ("info", "warn", "error")]
            return success, " ".join(" ".join(shown).split())

        yield build


@pytest.mark.parametrize(("variables", "sentence"), WRONG_SETTINGS)
def test_a_wrong_setting_is_named_with_its_remedy(parsed_project, variables, sentence):
    success, said = parsed_project(variables)
    assert not success
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
    used = set(project.published("select distinct feature from customer_scaling")["feature"])
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
            "select count(*) from raw_order_items where sale_price in ('inf', '-1', '1e300', 'nan')"
        )[0][0]
    )
    features = project.published("select * from customer_features")
    assert features["total_spend"].max() < 4e6
    assert features["age"].dropna().between(0, 120).all()
    segments = project.published("select * from customer_segments")
    assert segments[["component_1", "distance"]].notna().all().all()
    exclusions = project.published("select * from customer_exclusions")
    assert len(segments) + len(exclusions) == 40
