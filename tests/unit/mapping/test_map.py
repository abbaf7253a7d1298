"""Ensures that `segmentation map` says what files are, and writes only when asked."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from segmentation.cli.main import main
from segmentation.mapping.exports import export_of
from tests import made_up_exports as made_up

INVOICES = (
    "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n"
    "536365,A,6,12/13/2010 8:26,2.55,17850\n"
    "536366,B,1,12/1/2010 8:28,1.85,\n"
    "C536367,A,-6,12/14/2010 8:26,2.55,17850\n"
)
PROJECT = """\
name: own
profile: own
vars:
  shop_orders: thelook_orders  # stays a comment
  key_types: {}
  k: 3
"""


@pytest.fixture
def say(tmp_path, capsys):
    """Map files by their texts in a project; return the exit code and what is said."""
    (tmp_path / "dbt_project.yml").write_text(PROJECT)

    def run(files: dict[str, str], *options: str) -> tuple[int, str, str]:
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        paths = [str(tmp_path / name) for name in files]
        code = main(["map", *paths, "--project-dir", str(tmp_path), *options])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("shopify", made_up.write_shopify),
        ("woocommerce", made_up.write_woocommerce),
        ("magento", made_up.write_magento),
        ("stripe", made_up.write_stripe),
        ("purchases", made_up.write_invoices),
    ],
)
def test_an_export_is_told_by_its_columns(tmp_path, name, write):
    write(tmp_path)
    found = [export_of(list(pd.read_csv(path, nrows=1))) for path in tmp_path.iterdir()]
    assert name in found
    assert set(found) <= {name, "purchases"}


def test_an_invoice_table_is_explained_and_nothing_is_written(say, tmp_path):
    code, said, _ = say({"invoices.csv": INVOICES})
    assert code == 0
    assert "invoices.csv: 3 lines, a table of purchases" in said
    assert "CustomerID   customer id   " in said
    assert "InvoiceDate is written as m/d/y." in said
    assert "1 lines have a number of C and digits: cancelled invoices" in said
    assert "1 of 3 lines (33.3%) name no customer" in said
    assert "It cannot tell\n  - age" in said
    assert "Nothing was written" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dbt_project.yml", "invoices.csv"]


def test_models_and_vars_are_written_when_asked(say, tmp_path):
    code, said, _ = say({"invoices.csv": INVOICES}, "--write")
    assert code == 0
    assert "Wrote 7 files into models/invoices and 6 vars." in said
    lines = (tmp_path / "models/invoices/invoices_lines.sql").read_text()
    assert 'cast("InvoiceNo" as string) as order_number' in lines
    assert "'invoices.csv'," in lines and "$" not in lines.replace("+$", "")
    written = (tmp_path / "dbt_project.yml").read_text()
    assert "  shop_orders: invoices_orders  # stays a comment\n" in written
    settings = yaml.safe_load(written)["vars"]
    assert settings["shop_customers"] is None
    assert settings["key_types"]["product_id"] == "string"
    assert settings["k"] == 3 and "products" not in settings
    described = yaml.safe_load((tmp_path / "models/invoices/_invoices.yml").read_text())
    assert {model["name"] for model in described["models"]} == {
        path.stem for path in (tmp_path / "models/invoices").glob("*.sql")
    }
    code, _, error = say({"invoices.csv": INVOICES}, "--write")
    assert code == 2
    assert "exists, and nothing was written: choose another --name" in error


def test_orders_alone_are_a_shop(say, tmp_path):
    text = "Kunde;Datum;Betrag\nanna@example.org;28.2.2024;12,50\nben@example.org;1.3.2024;3\n"
    code, said, _ = say({"Umsätze 2024.csv": text}, "--write", "--name", "umsatz")
    assert code == 0
    assert "Customers are told by their e-mail address: a hash of it is the key." in said
    assert "what a customer bought on a day is one" in said
    lines = (tmp_path / "models/umsatz/umsatz_lines.sql").read_text()
    assert "md5(lower(" in lines and "('amount_text', '1.234,56')" in lines
    settings = yaml.safe_load((tmp_path / "dbt_project.yml").read_text())["vars"]
    assert settings["products"] is False and settings["shop_products"] is None


def test_the_amount_of_an_order_is_not_that_of_its_lines(say):
    text = "order,customer,date,sku,price,total\n" + "".join(
        f"{order},{order % 3},2024-01-{order:02},{sku},{sku * 10 + 1}.5,{order * 100}\n"
        for order in range(1, 9)
        for sku in (1, 2)
    )
    assert "total is the amount of the whole order in each of its lines" in say({"a.csv": text})[1]
    lines = "order,customer,date,sku,price,total\n1,1,2024-01-01,a,3.5,7\n1,1,2024-01-01,b,2.5,10\n"
    assert "total is what a line comes to; price is not read." in say({"b.csv": lines})[1]


def test_an_amount_that_is_no_product_is_what_a_line_comes_to(say):
    text = "customer,date,qty,price,sales\n" + "".join(
        f"{n},2024-01-01,{n},10.00,{n * (10 + n % 2)}.00\n" for n in range(1, 20)
    )
    said = say({"a.csv": text})[1]
    assert "sales is not qty times price in 53% of the lines: it is taken for what a line" in said
    text = "customer,date,qty,price,sales\n" + "".join(
        f"{n},2024-01-01,{n},10.00,{n * 10}.00\n" for n in range(1, 20)
    )
    assert "sales is qty times price, and is not read." in say({"b.csv": text})[1]


def test_files_of_the_same_columns_are_one(say):
    said = say({"a.csv": INVOICES, "b.csv": INVOICES})[1]
    assert "a.csv and b.csv: 6 lines" in said


def test_files_that_need_no_map_are_told(say):
    code, said, _ = say(
        {
            "users.csv": "id\n1\n",
            "orders.csv": "order_id,user_id,created_at\n1,1,2024-01-01\n",
            "order_items.csv": "id,order_id,product_id,sale_price\n1,1,1,5\n",
        }
    )
    assert code == 0
    assert "need no map:\n\n    segmentation build --raw " in said


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("a,b\n1,2\n", (), "No column of a.csv is known as the customer (it has: a, b): name it"),
        ("customer,day\n1,2024-01-01\n", (), "is known as the price"),
        ("customer,day,total\n", (), "a.csv has no rows"),
        ("customer,day,total\n1,3/4/2024,5\n", (), "say --dates d/m/y or --dates m/d/y."),
        ("customer,day,total\n1,2024-03-04,1.500\n", (), "say --numbers 1,234.56 or --numbers"),
        ("customer,day,total\n1,x,5\n", (), "'x' is none that is known"),
        (INVOICES, ("--column", "custmer=a"), "must be ROLE=COLUMN of a table of purchases"),
        (INVOICES, ("--column", "price=Preis"), "has no column Preis (it has: InvoiceNo"),
        (INVOICES, ("--name", "My Shop"), "must be lower-case letters, digits and underscores"),
        (INVOICES, ("--as", "stripe"), "export id too"),
        (INVOICES, ("--as", "magento"), "its orders stand in a table of their own"),
        (INVOICES, ("--as", "shopify", "--column", "price=x"), "of a table of purchases"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_code_2(say, tmp_path, text, options, words):
    code, _, error = say({"a.csv": text}, *options)
    assert code == 2
    assert words in error
    assert error.count("\n") == 1 and error.startswith("segmentation map: ")
    assert not (tmp_path / "models").exists()


def test_what_is_no_file_of_lines_is_refused(say, tmp_path, capsys):
    assert main(["map", str(tmp_path / "none.csv")]) == 2
    assert "cannot be read: No such file" in capsys.readouterr().err
    assert main(["map", str(tmp_path / "dbt_project.yml")]) == 2
    assert "let it end in .csv" in capsys.readouterr().err
    code, _, error = say({"a.csv": INVOICES, "b.csv": "x,y\n1,2\n"})
    assert (code, "b.csv has other columns than a.csv" in error) == (2, True)
    assert main(["map"]) == 2


def test_a_column_can_be_named_and_left_out(say):
    text = "who,when,what,paid,Country\n1,2024-01-01,a,5,UK\n2,2024-01-02,b,6,UK\n"
    named = ("customer=who", "date=when", "product=what", "amount=paid", "country=")
    options = [part for role in named for part in ("--column", role)]
    code, said, _ = say({"a.csv": text}, *options)
    assert code == 0
    assert "Not read: Country." in said
    assert "the country of a customer" in said


def test_the_vars_of_a_file_in_braces_are_told(say, tmp_path):
    (tmp_path / "dbt_project.yml").write_text("{name: own, profile: own}\n")
    code, said, _ = say({"invoices.csv": INVOICES}, "--write")
    assert code == 0
    assert "cannot be added to safely; put this there, under vars:" in said
    assert "    shop_orders: invoices_orders\n" in said


def test_the_templates_are_part_of_the_library():
    folder = Path("segmentation/mapping/maps")
    assert {path.name for path in folder.iterdir()} == {
        *("common", "magento", "purchases", "shopify", "stripe", "woocommerce")
    }
