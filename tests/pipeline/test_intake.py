"""The raw tables come in: real builds of the real folders and of a shop of three users."""

from pathlib import Path

import duckdb
import pytest

QUALITY = ("--select", "+data_quality")
USERS, ORDERS, ITEMS, PRODUCTS = "users.csv", "orders.csv", "order_items.csv", "products.csv"
ORDER_HEADER = "order_id,user_id,status,created_at\n"
ITEM_HEADER = "id,order_id,product_id,inventory_item_id,status,created_at,sale_price\n"


def quality(project) -> dict[tuple[str, str], int]:
    rows = project.query("select table_name, check_name, rows from data_quality")
    return {(table, check): count for table, check, count in rows}


@pytest.fixture(scope="module")
def shop_project(make_project):
    """One project for all small shops: after the first build dbt need not parse again."""
    return make_project("small_shops")


@pytest.fixture
def build_shop(shop_project, write_shop):
    """Build a tiny shop with some files replaced; return the project."""

    def build(replaced=None, **options):
        raw_path = write_shop(shop_project.folder / "raw", replaced)
        shop_project.build(*QUALITY, raw_path=raw_path, **options)
        return shop_project

    return build


@pytest.fixture
def refusal(shop_project, write_shop):
    """Return what dbt says when it must refuse a tiny shop with some files replaced."""

    def refuse(replaced=None, prepare=None, select=QUALITY, raw_path=None) -> str:
        folder = write_shop(shop_project.folder / "raw", replaced)
        if prepare:
            prepare(folder)
        done = shop_project.run("run", *select, raw_path=raw_path or folder)
        assert done.returncode != 0, done.stdout
        assert "Traceback" not in done.stdout + done.stderr
        return " ".join(done.stdout.split())

    return refuse


# --- the real data ---


@pytest.fixture(scope="module")
def thelook(make_project, shared_data):
    project = make_project("thelook")
    project.build(*QUALITY, raw_path=shared_data("thelook"))
    return project


@pytest.fixture(scope="module")
def thelook_small(make_project, shared_data):
    project = make_project("thelook_small")
    project.build(*QUALITY, raw_path=shared_data("thelook_small"))
    return project


def test_thelook_reconciles_with_its_documented_figures(thelook):
    found = quality(thelook)
    assert found["orders", "rows read"] == found["orders", "rows kept"] == 11_272
    assert found["order_items", "rows read"] == 16_312
    assert found["order_items", "orphan"] == 77
    assert found["order_items", "rows kept"] == 16_235
    assert found["orders", "order without items"] == 26
    assert found["inventory_items", "missing value in product_brand"] == 13
    assert found["products", "rows kept"] == 29_120
    assert found["users", "customer without orders"] == 43


def test_thelook_ships_a_fifth_of_its_items_before_they_were_created(thelook):
    ((share,),) = thelook.query(
        "select share from data_quality where check_name = 'shipped before created'"
    )
    assert share == pytest.approx(0.2, abs=0.005)


def test_thelook_has_the_buyers_of_the_walk_through(thelook):
    assert thelook.query("select count(distinct customer_id) from shop_order_items") == [(10_432,)]


def test_thelook_users_without_attributes_become_customers_without_attributes(thelook):
    ((customers, ages, countries),) = thelook.query(
        "select count(*), count(age), count(country) from shop_customers"
    )
    assert (customers, ages, countries) == (10_498, 0, 0)


def test_thelook_small_is_freed_of_its_exact_duplicates(thelook_small):
    found = quality(thelook_small)
    kept = {"users": 645, "orders": 495, "order_items": 507, "products": 501}
    for table, rows in kept.items():
        assert found[table, "rows read"] == 1_000
        assert found[table, "rows kept"] == rows
        assert found[table, "exact duplicate"] == 1_000 - rows


def test_thelook_small_takes_brand_category_and_cost_from_the_product(thelook_small):
    assert thelook_small.query(
        "select count(*), count(brand), count(category), count(cost) from shop_order_items"
    ) == [(507, 507, 507, 507)]
    assert thelook_small.query("select count(distinct customer_id) from shop_orders") == [(325,)]


def test_no_personal_column_enters_the_warehouse(thelook_small):
    personal = {"first_name", "last_name", "email", "street_address", "postal_code", "latitude"}
    columns = thelook_small.query("select distinct column_name from information_schema.columns")
    assert personal.isdisjoint({name for (name,) in columns})


# --- shops that are odd but usable ---


def test_a_tiny_shop_comes_in_as_it_is(build_shop):
    project = build_shop()
    columns = (
        "order_item_id, order_id, customer_id, product_id, status, is_cancelled, is_returned, "
        "ordered_at, sale_price, cost, brand, category"
    )
    assert project.query(f"select {columns} from shop_order_items order by all") == project.query(
        """
        select * from (values
            (100, 10, 1, 7, 'Complete', false, false, timestamp '2023-02-01 12:00:00',
             20.00, 9.5, 'Reef', 'Swim'),
            (101, 11, 2, 8, 'Returned', false, true, timestamp '2023-02-02 12:00:00',
             5.50, 2.25, 'Falke', 'Socks'))
        """
    )
    assert project.query("select country from shop_customers order by customer_id") == [
        ("Namibia",),
        ("Brasil",),
        ("NA",),
    ]


def test_only_the_required_columns_are_needed(build_shop):
    project = build_shop(
        {
            USERS: "id\n1\n2\n",
            ORDERS: "order_id,user_id,created_at\n10,1,2023-02-01\n",
            ITEMS: "id,order_id,product_id,sale_price\n100,10,7,3\n",
            PRODUCTS: "id\n7\n",
        }
    )
    assert project.query(
        "select status, is_cancelled, is_returned, cost, brand from shop_order_items"
    ) == [(None, False, False, None, None)]


def test_inventory_alone_describes_the_products(build_shop):
    project = build_shop(
        {
            PRODUCTS: None,
            "inventory_items.csv": "id,product_id,cost,product_brand,product_category\n"
            "1,7,4,Reef,Swim\n2,7,5,Reef,Swim\n",
            ITEMS: "id,order_id,inventory_item_id,sale_price\n100,10,1,20\n",
        }
    )
    assert project.query("select product_id, brand, category, cost from shop_order_items") == [
        (7, "Reef", "Swim", 4)
    ]
    assert project.query("select product_id, brand, cost from shop_products") == [(7, "Reef", 5)]


def test_an_inventory_with_a_header_only_is_no_inventory(build_shop):
    project = build_shop({"inventory_items.csv": "id,product_id,cost\n"})
    assert quality(project)["inventory_items", "rows read"] == 0
    assert project.query("select count(brand) from shop_order_items") == [(2,)]


def test_each_fault_is_dropped_for_its_own_reason(build_shop):
    project = build_shop(
        {
            ORDERS: ORDER_HEADER + "10,1,Complete,2023-02-01\n"
            "11,99,Complete,2023-02-01\n12,1,Complete,yesterday\n,1,Complete,2023-02-01\n",
            ITEMS: ITEM_HEADER + "100,10,7,,Complete,,20\n101,77,7,,Complete,,20\n"
            "102,10,7,,Complete,,inf\n103,10,7,,Complete,,-1\n104,10,7,,Complete,,1e9\n"
            "x,10,7,,Complete,,5\n105,10,7,,Lost,,5\n",
        }
    )
    found = quality(project)
    assert [found["orders", reason] for reason in ("orphan", "no date", "no key")] == [1, 1, 1]
    assert found["order_items", "orphan"] == 1
    assert found["order_items", "bad price"] == 2
    assert found["order_items", "no key"] == 1
    assert found["order_items", "unreadable value in sale_price"] == 1
    assert found["order_items", "unreadable value in id"] == 1
    assert found["order_items", "unknown status"] == 1
    assert found["order_items", "rows kept"] == 3
    assert found["shop_order_items", "credit note"] == 1


def test_the_limit_of_a_price_is_a_setting(build_shop):
    project = build_shop(variables={"max_sale_price": 10})
    assert quality(project)["order_items", "bad price"] == 1


def test_quoted_commas_newlines_and_windows_line_ends_are_read(build_shop):
    project = build_shop(
        {
            PRODUCTS: '\ufeffid,cost,category,name,"brand"\r\n'
            '7,9.5,Swim,"Shorts, ""long""\nand wide",Reef\r\n8,2,Socks,Sock,Falke\r\n',
        }
    )
    assert project.query("select name, brand from shop_products where product_id = 7") == [
        ('Shorts, "long"\nand wide', "Reef")
    ]


def test_the_folder_may_have_any_name(shop_project, write_shop):
    folder = write_shop(shop_project.folder / "Anna's [new] *shop?")
    shop_project.build(*QUALITY, raw_path=folder)
    assert quality(shop_project)["users", "rows kept"] == 3


def test_parquet_with_native_types_gives_the_same_shop_as_csv(build_shop, write_shop, make_project):
    columns = "order_item_id, order_id, product_id, ordered_at, sale_price, cost, brand"
    statement = f"select {columns} from shop_order_items order by all"
    expected = build_shop().query(statement)
    project = make_project("parquet")
    folder = write_shop(project.folder / "raw")
    for csv in sorted(folder.glob("*.csv")):
        duckdb.sql(f"from read_csv('{csv}')").write_parquet(str(csv.with_suffix(".parquet")))
        csv.unlink()
    project.build(*QUALITY, raw_path=folder)
    assert project.query(statement) == expected


# --- bad input: one sentence that says what to do ---


def test_a_missing_folder_is_named(refusal, tmp_path):
    said = refusal(raw_path=tmp_path / "nowhere")
    assert f"The folder {tmp_path}/nowhere that SEGMENTATION_RAW_PATH names is missing" in said


@pytest.mark.parametrize("table", ["users", "orders", "order_items"])
def test_a_missing_file_is_named(refusal, table):
    said = refusal({f"{table}.csv": None})
    assert f"The table {table} is missing: neither {table}.csv nor {table}.parquet" in said


@pytest.mark.parametrize("name", ["USERS.csv", "users.CSV", "users.csv.gz", "user.csv"])
def test_a_file_of_nearly_the_right_name_is_named(refusal, name):
    said = refusal(prepare=lambda folder: (folder / USERS).rename(folder / name))
    assert "neither users.csv nor users.parquet is in" in said
    assert f"({name} is there: unpack or rename it)" in said


def test_products_of_nearly_the_right_name_are_named(refusal):
    said = refusal(prepare=lambda folder: (folder / PRODUCTS).rename(folder / "Products.csv"))
    assert "Neither inventory_items nor products was found" in said
    assert "(Products.csv is there: unpack or rename it)" in said


def test_a_file_in_place_of_the_folder_is_refused(refusal, tmp_path):
    (tmp_path / USERS).write_text("id\n1\n")
    said = refusal(raw_path=tmp_path / USERS)
    assert f"SEGMENTATION_RAW_PATH names {tmp_path}/users.csv, which is a file; name the" in said


def test_the_root_folder_is_not_the_sample(refusal):
    said = refusal(raw_path=Path("/"))
    assert "nor users.parquet is in /;" in said or "The folder / that" in said


def test_a_shop_without_products_and_inventory_is_refused(refusal):
    assert "Neither inventory_items nor products was found" in refusal({PRODUCTS: None})


def test_two_files_for_one_table_are_refused(refusal):
    said = refusal(prepare=lambda folder: (folder / "users.parquet").write_bytes(b"PAR1"))
    assert "users.csv and" in said
    assert "keep the one that users should be read from" in said


@pytest.mark.parametrize(
    ("file", "column", "text"),
    [
        (USERS, "id", "user,age\n1,2\n"),
        (ORDERS, "user_id", "order_id,created_at\n1,2023-01-01\n"),
        (ORDERS, "created_at", "order_id,user_id\n1,1\n"),
        (ITEMS, "sale_price", "id,order_id,product_id\n1,1,1\n"),
        (PRODUCTS, "id", "name\nSock\n"),
    ],
)
def test_a_missing_required_column_is_named_with_the_columns_found(refusal, file, column, text):
    said = refusal({file: text})
    header = text.split("\n")[0].replace(",", ", ")
    assert f"{file} lacks the column {column} (it has: {header})" in said


def test_items_that_point_at_nothing_are_refused(refusal):
    said = refusal({ITEMS: "id,order_id,sale_price\n1,1,1\n"})
    assert "order_items.csv has neither product_id nor inventory_item_id" in said


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("id;age\n1;2\n", "users.csv looks semicolon-separated (its header is: id;age); save"),
        ('"id";"age"\n1;2\n', 'looks semicolon-separated (its header is: "id";"age"); save'),
        ("id\tage\n1\t2\n", "users.csv looks tab-separated (its header is: id age); save the"),
        ("id|age\n1|2\n", "users.csv looks pipe-separated (its header is: id|age); save the"),
    ],
)
def test_a_file_with_another_separator_is_refused_by_its_name(refusal, text, sentence):
    assert sentence in refusal({USERS: text})


@pytest.mark.parametrize("table", ["users", "orders", "order_items"])
def test_a_required_table_without_rows_is_refused(refusal, write_shop, shop_project, table):
    folder = write_shop(shop_project.folder / "raw")
    header = (folder / f"{table}.csv").read_text().split("\n")[0]
    assert f"{table}.csv has no rows" in refusal({f"{table}.csv": header + "\n"})


def test_an_empty_file_is_refused(refusal):
    assert "users.csv is an empty file" in refusal({USERS: ""})


def test_a_corrupt_parquet_file_is_refused(refusal):
    def corrupt(folder: Path):
        (folder / "users.parquet").write_bytes(b"PAR1 torn off in the middle")

    said = refusal({USERS: None}, prepare=corrupt)
    assert "users.parquet is not a whole Parquet file" in said


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("4,30,F,Peru,Search,2023-01-01,too much", "Expected Number of Columns: 6 Found: 7"),
        ("4,30", "Expected Number of Columns: 6 Found: 2"),
        ('4,30,"F,Peru,Search,2023-01-01', "unterminated quote"),
    ],
)
def test_a_faulty_line_is_named(refusal, line, fault):
    header = "id,age,gender,country,traffic_source,created_at\n1,2,F,Peru,Search,2023-01-01\n"
    said = refusal({USERS: header + line + "\n"})
    assert "users.csv cannot be read: line 3 is faulty" in said
    assert fault in said


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("100,10,7,,Complete,2023-02-01,20,00", "Expected Number of Columns: 7 Found: 8"),
        ('100,10,7,,"Complete,2023-02-01,20.00', "unterminated quote"),
    ],
)
def test_a_file_whose_every_line_is_faulty_is_not_called_empty(refusal, line, fault):
    said = refusal({ITEMS: ITEM_HEADER + line + "\n"})
    assert "order_items.csv cannot be read: line 2 is faulty" in said
    assert fault in said


def test_a_file_with_null_bytes_is_refused_by_its_name(refusal):
    def write_utf_16(folder: Path):
        (folder / USERS).write_text("id,age\n1,2\n", encoding="utf-16-be")

    said = refusal(prepare=write_utf_16)
    assert "users.csv is not UTF-8 text (its header has null bytes, as in UTF-16); save" in said


def test_a_faulty_line_is_named_in_a_file_that_is_not_utf_8(refusal):
    def write_latin_1(folder: Path):
        (folder / USERS).write_bytes("id,país\n1,España\n2,Peru,3\n".encode("latin-1"))

    said = refusal(prepare=write_latin_1)
    assert "users.csv is no UTF-8 text, and in line 3 other fields than in its header" in said


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        (
            ORDERS,
            ORDER_HEADER + "10,1,Complete,yesterday\n",
            "column orders.created_at is a time (for example 'yesterday'); correct that column",
        ),
        (
            ITEMS,
            ITEM_HEADER + "1,10,7,,Complete,,cheap\n",
            "order_items.sale_price is a number (for example 'cheap')",
        ),
        (USERS, "id,age\nann,3\n", "users.id is a whole number (for example 'ann')"),
        (ORDERS, ORDER_HEADER + "10,,Complete,2023-01-01\n", "orders.user_id is a whole number"),
    ],
)
def test_a_required_column_of_the_wrong_type_is_named(refusal, file, text, sentence):
    assert sentence in refusal({file: text})


@pytest.mark.parametrize(
    ("replaced", "relation"),
    [
        ({ORDERS: ORDER_HEADER + "10,99,Complete,2023-01-01\n"}, "shop_orders"),
        ({ITEMS: ITEM_HEADER + "1,99,7,,Complete,,5\n"}, "shop_order_items"),
    ],
)
def test_a_shop_without_buyers_is_refused_before_any_fit(refusal, replaced, relation):
    said = refusal(replaced, select=("--select", "+customer_features"))
    assert f"No customer can be segmented: {relation} has no rows" in said
