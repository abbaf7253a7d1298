"""Ensures that settings have one table, and that wrong ones are answered before any model runs."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from dbt.cli.main import dbtRunner

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r"\bvar\(\s*'(\w+)'(?:,\s*([\w.]+))?\s*\)")
INLINE = "sql_operation.segmentation.inline_query"

RECIPES_BEFORE = {
    "default": "46d1a1598a5045b91ff209d0d9e8142a",
    "article": "3e3932cd6026ea7e54d68cbdf9be2e56",
    "product": "7269ceac7a7c307b48edf253a5a1c518",
}
"""Digests by which stored models know their recipe: with another one, they are fitted anew."""


def mine(*features: dict, **settings) -> dict:
    return {"recipe": "mine", "recipes": {"mine": {"features": list(features), **settings}}}


def entry(**parts) -> dict:
    return {"segmentations": {"seller": {"table": "customer_features", **parts}}}


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
    (mine({"name": "age"}, boot_straps=5), "k, k_max, k_min,"),
    (mine({"name": "age"}, boot_straps=5), "Nearest: bootstraps."),
    ({"recipes": {"mine": {"extends": "mine"}}, "recipe": "mine"}, "or extends itself"),
    (
        mine({"name": "age", "tranform": "log1p"}),
        "Recipe 'mine' says 'tranform' of feature 'age', which means nothing. "
        "Use name, transform, unit, weight, shrink_by, low, high, triggers.",
    ),
    (mine({"name": "age", "low": 5}), "Recipe 'mine' calls low values of feature 'age' 5. Write"),
    (mine({"name": "age", "low": False}), "calls low values of feature 'age' false. Write words"),
    (mine({"name": "age", "high": " "}), "calls high values of feature 'age' ' '. Write words"),
    (mine({"name": "age", "high": None}), "calls high values of feature 'age' null. Write words"),
    (mine({"name": "age", "triggers": "no"}), "says 'no' for triggers of feature 'age'. Use true"),
    (mine({"name": "age", "unit": 30}), "gives feature 'age' a unit, which only log1p counts in"),
    (mine({"name": "gender", "weight": 0}), "gives feature 'gender' the weight 0. Use a number ab"),
    (mine({"name": "age", "weight": "2"}), "gives feature 'age' the weight '2'. Use a number abov"),
    (
        mine({"name": "age", "transform": "log1p", "unit": None}),
        "gives feature 'age' the unit null. Use a number above 0.",
    ),
    (mine({"name": "age", "shrink_by": "gender"}), "shrinks feature 'age' by 'gender'. Name a nu"),
    (mine({"name": "age", "shrink_by": None}), "shrinks feature 'age' by null. Name a number"),
    (mine({"name": "gender", "shrink_by": "age"}), "shrinks feature 'gender' by 'age'. Name a n"),
    (mine({"name": 5}), "has a feature without a name"),
    (mine({"name": ["age"]}), "has a feature without a name"),
    ({"recipes": {"mine": None}}, "Recipe 'mine' is null, but a recipe is a name and a mapping"),
    ({"recipes": {"mine": 5}, "recipe": "mine"}, "Recipe 'mine' is 5, but a recipe is a name"),
    ({"recipes": {"it's": {"k": 4}}}, "but a recipe is a name and a mapping of settings, and the"),
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
    ({"currency": 5}, "Setting currency is 5, but it must be a name. Change it in dbt_project.yml"),
    ({"as_of": "yesterday"}, "The setting as_of is 'yesterday', which is no day of the calendar"),
    ({"as_of": "2023-02-29"}, "The setting as_of is '2023-02-29', which is no day of the calendar"),
    ({"as_of": "2023-13-01"}, "write it as YYYY-MM-DD, for example --vars '{as_of: 2023-06-30}'"),
    ({"drift_warn": "abc"}, "Setting drift_warn is abc, but it must be a number from 0 to 1"),
    ({"match_floor": 0}, "Setting match_floor is 0, but it must be above 0. Change it in dbt_pro"),
    ({"product_refit": "no"}, "Setting product_refit is no, but it must be auto, always or never"),
    ({"product_refit": "no"}, "Change it in dbt_project.yml or with --vars '{product_refit: …}'."),
    ({"basket_measure": "weight"}, "Setting basket_measure is weight, but it must be items or"),
    ({"basket_components": 0}, "Setting basket_components is 0, but it must be a whole number"),
    ({"shop_orders": None}, "Setting shop_orders is null, but it must be the name of a model"),
    ({"own_vars": "mine"}, "Setting own_vars is 'mine', but it must be a list"),
    ({"forget_models": "all"}, "Setting forget_models is 'all', but it must be true or false, or"),
    ({"key_types": "text"}, "Setting key_types is 'text', but it must be a mapping"),
    ({"produtcs": False}, "Setting produtcs is unknown. The nearest one is products. Correct it"),
    ({"max_fit_row": 10}, "Setting max_fit_row is unknown. The nearest one is max_fit_rows."),
    ({"product_kmax": 10}, "Setting product_kmax is unknown. The nearest one is product_k_max."),
    ({"seller_k": 3}, "Setting seller_k is unknown. The nearest one is"),
    ({"segmentations": 5}, "The var segmentations is 5, but it must hold segmentations by name."),
    ({"segmentations": {"A b": {}}}, "Segmentation 'A b' is {}, but an entry of the var segmentat"),
    ({"segmentations": {"seller": 5}}, "Segmentation 'seller' is 5, but an entry of the var"),
    ({"segmentations": {"basket": {"table": "x"}}}, "a name in lower case (not basket)"),
    ({"segmentations": {"seller": {}}}, "Segmentation 'seller' has no table. Add the model that"),
    (
        {"segmentations": {"customer": {"recipie": "a"}}},
        "Segmentation 'customer' says 'recipie', w",
    ),
    ({"segmentations": {"customer": {"recipie": "a"}}}, "The nearest is 'recipe'. Correct it in"),
    (entry(), "Recipe 'seller' (var seller_recipe) is unknown. Known recipes: article, default"),
    (entry(on_failure="die"), "has the on_failure 'die', but it must be one of stop, warn."),
    (entry(duplicates="x"), "has the duplicates 'x', but it must be one of first, aggregate, keep"),
    (entry(key=["a", "b"]), "has the key ['a', 'b'], but it must be one column where no `columns`"),
    (entry(columns=["a"]), "but it must list them as `{name: spend, type: double}`"),
    (entry(is_shop="yes"), "has the is_shop 'yes', but it must be true or false"),
    (entry(unit=3), "has the unit 3, but it must be a name"),
    (entry(as_of="today"), "The setting seller_as_of is 'today', which is no day of the calendar"),
    (entry(recipe={"k": 1}), "Setting k is 1 (recipe 'seller'), but it must be a whole number"),
    (entry(recipe={"k": 1}), "Change it in the recipe or with --vars '{seller_k: …}'."),
    (entry(recipe="default") | {"seller_k": 1}, "Setting k is 1 (recipe 'default'), but it must"),
    (
        {"segmentations": {"seller": {"table": "sellers", "recipe": "default"}}},
        "Segmentation 'seller' reads 'sellers', which is no model that is switched on. Correct",
    ),
]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory) -> Callable[..., tuple[str | None, str]]:
    """Render text in a project parsed once: its compiled text, or None, and what dbt said."""
    folder = tmp_path_factory.mktemp("settings")
    paths = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    paths += ["--project-dir", str(ROOT), "--profiles-dir", str(ROOT)]
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(("SEGMENTATION_", "DBT_")):
                patch.delenv(name)
        patch.setenv("SEGMENTATION_WAREHOUSE", str(folder / "settings.duckdb"))
        manifest = dbtRunner().invoke(["--quiet", "parse", *paths]).result
        quick = ["--no-write-json", "--no-populate-cache"]

        def render(text: str, variables: dict) -> tuple[str | None, str]:
            manifest.nodes.pop(INLINE, None)
            said: list[str] = []
            runner = dbtRunner(manifest, [lambda event: said.append(event.info.msg)])
            command = ["--quiet", "compile", "--inline", text, "--vars", json.dumps(variables)]
            done = runner.invoke([*command, *quick, *paths])
            found = done.result.results[0].node.compiled_code if done.success else None
            return found, " ".join(" ".join(said).split())

        yield render


@pytest.fixture
def value(compiled) -> Callable:
    """Return what an expression of Jinja is with these vars."""

    def evaluate(expression: str, **variables):
        found, said = compiled("{{ tojson(" + expression + ", sort_keys=true) }}", variables)
        assert found, said
        return json.loads(found)

    return evaluate


@pytest.mark.parametrize(("variables", "sentence"), WRONG_SETTINGS)
def test_a_wrong_setting_is_named_with_its_remedy(compiled, variables, sentence):
    found, said = compiled("{{ validate_settings() }}", variables)
    assert found is None
    assert sentence in said


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"as_of": "2024-02-29", "products": False, "product_k": 3, "k": None},
        {"shop_customers": None, "shop_products": None, "key_types": {"order_id": "string"}},
        {"own_vars": ["my_folder"], "my_folder": "raw", "forget_models": ["seller"]},
        {"segmentations": {"product": None}, "product_refit": "never"},
        entry(recipe={"extends": "default", "k": 4}, as_of="2024-01-31")
        | {"seller_drift_warn": 0.2, "seller_as_of": None, "seller_components": 2},
    ],
)
def test_right_settings_pass(compiled, variables):
    found, said = compiled("{{ validate_settings() }}", variables)
    assert found is not None, said


@pytest.mark.parametrize(("recipe", "digest"), RECIPES_BEFORE.items())
def test_a_stored_model_knows_its_recipe_again(compiled, recipe, digest):
    name = "product" if recipe == "product" else "customer"
    entry = f"segmentations() | selectattr('name', 'equalto', '{name}') | first"
    json_text = f"tojson(resolved_recipe({entry}), sort_keys=true)"
    variables = {"recipe": recipe} if recipe == "article" else {}
    assert compiled("{{ local_md5(" + json_text + ") }}", variables)[0] == digest


def test_entries_are_merged_over_their_defaults(value):
    seller = {"table": "seller_features", "unit": "sellers"}
    entries = value(
        "segmentations()",
        segmentations={"seller": seller, "customer": {"on_failure": "warn"}},
    )
    assert [found["name"] for found in entries] == ["customer", "product", "seller"]
    customer, product, found = entries
    assert (customer["on_failure"], customer["key"]) == ("warn", "customer_id")
    assert (product["on_failure"], product["recipe"]) == ("warn", "product")
    assert (found["key"], found["key_column"]) == ("seller_id", "seller_id")
    assert (found["segments"], found["recipe"]) == ("seller_segments", "seller")
    assert (found["population"], found["unit"]) == ("seller_features", "sellers")
    assert not found["is_shop"]


@pytest.mark.parametrize("off", [{"products": False}, {"segmentations": {"product": None}}])
def test_products_are_switched_off_by_either_var(value, off):
    assert [found["name"] for found in value("segmentations()", **off)] == ["customer"]


def test_columns_of_a_table_without_contract_come_from_the_entry(value):
    columns = [
        {"name": "weight", "type": "double", "from": "Weight (kg)"},
        {"name": "colour", "type": "string"},
        {"name": "bought_at", "type": "date"},
    ]
    given = {"table": "cars", "key": ["maker", "model"], "columns": columns}
    variables = {"segmentations": {"car": given}}
    found = value("(segmentations() | selectattr('name', 'equalto', 'car') | first)", **variables)
    assert (found["key_columns"], found["key_column"]) == (["maker", "model"], "car_id")
    assert [column["from"] for column in found["columns"]] == [
        *("Weight (kg)", "colour", "bought_at")
    ]
    plain = {"is_whole": False, "is_money": False, "currency": None, "ratio": None}
    assert value(
        "feature_columns((segmentations() | selectattr('name', 'equalto', 'car') | first))",
        **variables,
    ) == [
        {"name": "weight", "kind": "number", "label": "Weight (kg)"} | plain,
        {"name": "colour", "kind": "category", "label": "colour"} | plain,
    ]


def test_a_recipe_inside_an_entry_is_called_like_the_segmentation(value):
    given = entry(recipe={"features": [{"name": "age"}], "k": 4})
    recipe = value(
        "resolved_recipe((segmentations() | selectattr('name', 'equalto', 'seller') | first))",
        **given,
        seller_k=5,
    )
    assert (recipe["name"], recipe["k"], recipe["k_max"]) == ("seller", 5, 10)
    assert [feature["low"] for feature in recipe["features"]] == ["low age"]


def test_a_setting_is_asked_for_by_its_segmentation(value):
    asked = "[setting('refit'), setting('refit', 'product'), setting('k'), setting('as_of')]"
    assert value(asked) == ["auto", "auto", None, None]
    variables = {"refit": "always", "product_refit": "never", "k": 4, "as_of": "2024-02-29"}
    assert value(asked, **variables) == ["always", "never", 4, "2024-02-29"]


def test_the_day_of_a_shop_is_that_of_its_segmentations(value):
    days = "segmentations() | map(attribute='as_of') | list"
    given = entry(as_of="2024-01-31")
    assert value(days, **given, as_of="2023-06-30") == ["2023-06-30", "2023-06-30", "2024-01-31"]
    assert value(days, **given, seller_as_of="2024-02-01")[2] == "2024-02-01"


@pytest.mark.parametrize(
    ("written", "nearest"),
    [("exras", "extras"), ("ertxas", "extras"), ("max_row_fits", "max_fit_rows"), ("K", "k")],
)
def test_the_nearest_name_is_the_one_that_was_meant(compiled, written, nearest):
    _, said = compiled("{{ validate_settings() }}", {written: 1})
    assert f"Setting {written} is unknown. The nearest one is {nearest}. Correct" in said


def test_every_var_that_is_read_is_a_setting_with_that_default(value):
    table = value("settings_table()")
    files = [
        path
        for folder in ("models", "macros", "python_models", "tests/data")
        for path in (ROOT / folder).rglob("*.*")
        if path.suffix in (".sql", ".yml")
    ]
    read = {
        match.groups()
        for path in [*files, ROOT / "dbt_project.yml"]
        for match in READ.finditer(path.read_text(encoding="utf-8"))
    }
    assert {name for name, _ in read} >= {"products", "forget_models"}
    wrong = {
        (name, default)
        for name, default in read
        if name not in table or (default and yaml.safe_load(default) != table[name]["default"])
    }
    assert not wrong


def test_the_project_file_repeats_no_other_default(value):
    table = value("settings_table()")
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert {
        name: found for name, found in project["vars"].items() if found != table[name]["default"]
    } == {}


def test_every_setting_says_what_it_is_for(value):
    kinds = {"choice", "whole", "share", "amount", "components", "switch", "date", "recipe"}
    kinds |= {"name", "names", "recipes", "segmentations", "model", "mapping", "list"}
    for name, row in value("settings_table()").items():
        assert row["kind"] in kinds, name
        assert row["reason"].endswith("."), name
        assert ("choices" in row) == (row["kind"] == "choice"), name
        assert ("least" in row) == (row["kind"] == "whole"), name
