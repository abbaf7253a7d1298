"""Ensures that a bad call of any command ends in one sentence and the right exit code.

Every call is one line: what is asked, the exit code, and words of the sentence. `{in}` is a folder
of files that are wrong each in a way of its own, `{out}` a folder to write to, `{project}` a dbt
project. Code 2 means that nothing was done; 1 and 3 that answers were written all the same.
"""

import codecs
import shlex

import duckdb
import pytest

from segmentation.cli.main import main
from segmentation.scaffold import source_file
from segmentation.scaffold import table as scaffold_table
from tests.unit.scaffold.test_new import PROJECT, answer, number, text

HEADER = "customer_id,total_orders,total_spend,return_rate"
GOOD = f"{HEADER}\n1,2,10,0\n2,3,20,0\n"
FILES = {
    "good.csv": GOOD,
    "empty.csv": "",
    "blank.csv": " \n\n",
    "empty.json": "",
    "empty.parquet": "",
    "other.csv": "a,b\n1,2\n3,4\n",
    "other.json": '[{"a": 1}, {"a": 2}]',
    "one_column.csv": "customer_id\n1\n2\n",
    "missing.csv": "customer_id,total_orders\n1,2\n2,3\n",
    "renamed.csv": "customer_id,orders,spend,return_rate\n1,2,3,0\n2,2,3,0\n",
    "twice.csv": f"{HEADER},Total_Orders\n1,2,3,0,2\n",
    "twice_meant.csv": f"customer_id,total orders,Total-Orders,{HEADER[25:]}\n1,2,2,3,0\n",
    "open_header.csv": 'customer_id,"total_orders\n1,2\n',
    "unreadable.csv": f"{HEADER}\n1,2,much,0\n2,3,little,0\n",
    "unread_marks.csv": f"{HEADER}\n1,2,?,0\n2,3,n/a,0\n",
    "thousands.csv": f'{HEADER}\n1,2,"1,234",0\n2,3,"5,678",0\n',
    "null.csv": f"{HEADER}\n1,2,,0\n2,3,,0\n",
    "ragged.csv": f"{HEADER}\n1,2,10\n2,3,20,0\n",
    "infinite.csv": f"{HEADER}\n1,2,inf,0\n2,3,20,0\n",
    "no_value.csv": f"{HEADER}\n1,,,\n2,3,20,0\n",
    "quote.csv": f'{HEADER}\n"1,2,10,0\n2,3,20,0\n',
    "README.md": "Wrong files.",
    "words.txt": GOOD,
    "words.xlsx": "PK",
    "not.json": "nonsense",
    "half.json": '[{"total_orders": 1}',
    "numbers.json": "[1, 2]",
    "torn.json": b'[{"k\xc3\xb6\xc3\xa4": "\xe8"}]',
    "not.parquet": "PAR1 nonsense",
    "torn_utf16.csv": codecs.BOM_UTF16_LE + GOOD.encode("utf-16-le") + b"\x00",
    "torn_mark.csv": codecs.BOM_UTF8 + GOOD.encode() + b"\xe8\n",
    "cp1252.csv": "key,price\n1,5 €\n".encode("cp1252"),
    "torn.csv": GOOD.encode() + "Köln,Zürich,".encode() + b"\xe8,1\n",
}

PREDICT = """
--input {in}/none.csv                                    2 none.csv cannot be read: No such file
--input {in}                                             2 format of
--input {in} --format csv                                2 cannot be read: Is a directory
--input {in}/empty.csv                                   2 empty.csv is empty: it needs a header
--input {in}/blank.csv                                   2 blank.csv is empty
--input {in}/empty.json                                  2 empty.json is empty
--input {in}/empty.parquet                               2 empty.parquet is empty
--input {in}/words.txt                                   2 The format of
--input {in}/words.xlsx                                  2 say --format csv, json, parquet
--input -                                                2 format of standard input is not known
--input {in}/other.csv                                   2 has none of the model's features
--input {in}/other.json                                  2 its columns are: a
--input {in}/one_column.csv                              2 has none of the model's features
--input {in}/other.csv --allow-missing                   2 has none of the model's features
--input {in}/missing.csv                                 2 no column total_spend, return_rate; its
--input {in}/renamed.csv                                 2 no column total_orders, total_spend
--input {in}/twice.csv                                   2 has the column 'total_orders' more than
--input {in}/twice_meant.csv                             2 both mean total_orders: remove one
--input {in}/open_header.csv                             2 The header of
--input {in}/unreadable.csv                              2 No value of total_spend can be read in 2
--input {in}/unread_marks.csv                            2 No value of total_spend can be read
--input {in}/thousands.csv                               2 (total_spend is 1,234, 5,678)
--input {in}/null.csv                                    2 let the model fill it with --allow-miss
--input {in}/not.json                                    2 is not JSON
--input {in}/half.json                                   2 is not JSON
--input {in}/numbers.json                                1 Scored 0 of 2 rows
--input {in}/torn.json                                   2 is not UTF-8 text: save it as such
--input {in}/not.parquet                                 2 is not a Parquet file
--input {in}/good.csv --format json                      2 is not JSON
--input {in}/good.csv --format parquet                   2 is not a Parquet file
--input {in}/torn_utf16.csv                              2 is not UTF-16 text from byte
--input {in}/torn_mark.csv                               2 is not UTF-8 text from byte
--input {in}/good.csv --encoding klingon                 2 There is no encoding 'klingon'
--input {in}/good.csv --encoding utf-16                  2 is not UTF-16 text
--input {in}/cp1252.csv --encoding utf-8                 2 is not UTF-8 text from byte
--input {in}/good.csv --delimiter ;                      2 Is the delimiter or the header another?
--input {in}/good.csv --delimiter ;;                     2 --delimiter must be one character
--input {in}/good.csv --delimiter ''                     2 --delimiter must be one character
--input {in}/good.csv --decimal x                        2 Invalid value for '--decimal': 'x' is
--input {in}/good.csv --format xml                       2 Invalid value for '--format': 'xml' is
--input {in}/good.csv --output-format xml                2 Invalid value for '--output-format'
--input {in}/good.csv --output {out}                     2 is a folder: name a file
--input {in}/good.csv --output {in}/good.csv             2 exists: choose another name
--input {in}/good.csv --output {out}/no/x.csv            2 does not exist: make it first
--input {in}/good.csv --output {out}/x.xlsx              2 There is no format .xlsx
--input {in}/good.csv --segmentation nobody              2 has no segmentation 'nobody'
--input {in}/good.csv --serving {out}                    2 run `segmentation build`
--input {in}/good.csv --serving {in}/good.csv            2 There is no published file
--input {in}/good.csv --nope                             2 No such option '--nope'
--input {in}/good.csv --set total_spend=1                2 exclude each other
--input {in}/good.csv --id 3                             2 exclude each other
--input {in}/good.csv --inp x                            2 did you mean --input?
--input {in}/good.csv extra                              2 unexpected extra argument (extra)
--input                                                  2 Option '--input' requires an argument
--set total_spend=1 --id 3                               2 exclude each other
--set total_spend                                        2 has no value: write --set feature=value
--set totl_spend=1                                       2 no feature 'totl_spend'. The model uses:
--set =1                                                 2 There is no feature ''
--set total_spend=1 --set total_spend=2                  2 names total_spend twice
--set total_spend=1 --set Total-Spend=2                  2 names total_spend twice
--set favourite_day=Mon                                  2 has none of the model's features
--set total_spend=1 --output {in}/good.csv               2 exists: choose another name
--set total_spend=1 --segmentation ''                    0 segment_name
--set                                                    2 Option '--set' requires an argument
--set total_spend=much                                   2 total_spend is 'much', not a number
--set total_spend=                                       2 not scored: it has no value at all
--set total_spend=1e400                                  2 total_spend is infinite
--set return_rate=1e300                                  2 a value is too large to be placed
--id 999999                                              2 There is no customer 999999 in
--id ''                                                  2 There is no customer
--id 3.0                                                 2 There is no customer 3.0
--id 3 --segmentation nobody                             2 has no segmentation 'nobody'
--id 3 --output {out}/no/x.csv                           2 does not exist: make it first
--id                                                     2 Option '--id' requires an argument
--input {in}/ragged.csv                                  1 Scored 1 of 2 rows
--input {in}/infinite.csv                                1 Scored 1 of 2 rows
--input {in}/no_value.csv                                1 Scored 1 of 2 rows
--input {in}/quote.csv                                   1 Scored 1 of 2 rows
--input {in}/torn.csv                                    1 Scored 2 of 3 rows
"""

EXPORT_SQL = """
--dialect oracle                                         2 Invalid value for '--dialect'
--dialect                                                2 Option '--dialect' requires an arg
--table ''                                               2 --table '' is not a plain name
--table 'x; drop table y'                                2 is not a plain name
--table a.b.c.d                                          2 is not a plain name
--table 1st                                              2 is not a plain name
--table filled                                           2 is the name of a step
--table SCALED                                           2 is the name of a step
--key ''                                                 2 The column '' is not a plain SQL name
--key 'a b'                                              2 is not a plain SQL name: rename it
--key größe                                              2 is not a plain SQL name: rename it
--segmentation nobody                                    2 has no segmentation 'nobody'
--serving {out}                                          2 run `segmentation build`
--output {out}                                           2 is a folder: name a file
--output {in}/good.csv                                   2 exists: choose another name
--output {out}/no/x.sql                                  2 does not exist: make it first
--nope                                                   2 No such option '--nope'
extra                                                    2 unexpected extra argument (extra)
"""

SIMILAR = """
--id 999999                                              2 There is no customer 999999 in
--id ''                                                  2 There is no customer
--id 03                                                  2 There is no customer 03
--id 3 -n 0                                              2 0 is not in the range x>=1
--id 3 -n -1                                             2 -1 is not in the range x>=1
--id 3 -n many                                           2 'many' is not a valid integer
--id 3 -n 1.5                                            2 '1.5' is not a valid integer
--id 3 --by colour                                       2 Invalid value for '--by': 'colour'
--id 3 --output-format xml                               2 'xml' is not one of
--id 3 --output {out}                                    2 is a folder: name a file
--id 3 --output {out}/x.xlsx                             2 There is no format .xlsx
--id 3 --output {out}/no/x.csv                           2 does not exist
--id 3 --output {in}/good.csv                            2 exists: choose another name
--id 3 --segmentation nobody                             2 has no segmentation 'nobody'
--id 3 --serving {out}                                   2 run `segmentation build`
--id 3 --customer-id 3                                   2 exclude each other
--customer-id 3 --segmentation product                   2 is not a key of the segmentation product
--product-id 3                                           2 has no segmentation 'product'
--product-id 3 --segmentation customer                   2 is not a key of the segmentation custo
--segmentation customer                                  2 Say one of --id, --customer-id
-n 3                                                     2 Say one of --id
--id                                                     2 Option '--id' requires an argument
--id 3 --nope                                            2 No such option '--nope'
"""

AUDIENCE = """
--segment 10                                             2 Missing option '--out'
--out {out}/a                                            2 Say whom: --segment, --rule or --list
--rule 'shoe > 4' --out {out}/a                          2 shoe
--rule 'total_orders >' --out {out}/a                    2 Write a condition of features
--rule 'customer_id = 3' --out {out}/a                   2 customer_id
--rule 'total_orders > 1e9' --out {out}/a                2 None of the customers is chosen
--list {in}/none.csv --out {out}/a                       2 There is no file
--list {in} --out {out}/a                                2 There is no file
--segment 10 --columns shoe --out {out}/a                2 There is no column 'shoe' to take along
--segment 10 --contacts {in}/none.csv --out {out}/a      2 There is no file
--segment 10 --contacts {in}/good.csv --contact-key shoe --out {out}/a   2 has no column shoe
--segment 10 --for klaviyo --out {out}/a                 2 No column is called email or phone
--segment 10 --for nobody --out {out}/a                  2 Invalid value for '--for'
--segment 10 --for braze --format json --out {out}/a     2 writes CSV: leave out --format
--segment 10 --control 20% --out {out}/a                 2 are of a --campaign
--segment 10 --campaign A@b.c --control 20% --out {out}/a   2 at most 40 small letters
--segment 10 --campaign a --out {out}/a                  2 Say how many are left out by lot
--segment 10 --campaign a --control no --out {out}/a     2 --control no is no number
--segment 10 --campaign a --control 95% --out {out}/a    2 is not between 1% and 90%
--segment 10 --campaign a --control nan --out {out}/a    2 is not between 1% and 90%
--segment 10 --campaign a --control 9% --detect 5 --out {out}/a   2 give one of them
--segment 10 --campaign a --detect '0 points' --out {out}/a   2 is not between 0.1 and 100 points
--segment 10 --campaign a --detect '1 point' --out {out}/a   2 cannot be seen with
--segment 10 --campaign a --control 1% --out {out}/a     2 each group needs 10
--segment 10 --campaign a --control 20% --horizon 0 --out {out}/a   2 0 is not in the range
--segment 10 --campaign a --control 20% --starts soon --out {out}/a   2 'soon' does not match
--segment 10 --campaign a --control 20% --starts 2001-01-01 --out {out}/a   2 is no later than
--segment 10 --campaign a --control 20% --pseudonymise --out {out}/a   2 need to know
--campaign a --out {out}/a                               2 There is no campaign a yet
"""

CAMPAIGNS = """
--close a                                                2 There is no campaign a
--delete a                                               2 There is no campaign a
--close a --delete a                                     2 exclude each other
"""

LIFT = """
--campaign a                                             2 has no table campaign_results
--segmentation nobody                                    2 has no segmentation 'nobody'
--as json                                                2 No such option '--as'
"""

EXPORT = """
--segment 99 --out {out}/a                               2 There is no segment '99'
--segment '' --out {out}/a                               2 There is no segment ''
--segment Name --out {out}/a                             2 'Name' fits 4 segments
--segment nobody --out {out}/a                           2 The segments are:
--segment 10 --out {in}/good.csv                         2 is a file: name a folder
--segment 10 --out {out}/a --format xml                  2 Invalid value for '--format'
--segment 10 --out {out}/a --min-confidence 2            2 is not between 0 and 1
--segment 10 --out {out}/a --min-confidence -1           2 is not between 0 and 1
--segment 10 --out {out}/a --min-confidence nan          2 is not between 0 and 1
--segment 10 --out {out}/a --min-confidence x            2 'x' is not a valid float
--segment 10 --out {out}/a --min-confidence 1            2 Nobody
--segment 10 --out {out}/a --where country               2 write it as column=value
--segment 10 --out {out}/a --where shoe=4                2 There is no feature 'shoe' to filter by
--segment 10 --out {out}/a --where =4                    2 write it as column=value
--segment 10 --out {out}/a --where total_orders=x        2 total_orders is of type
--segment 10 --out {out}/a --where country=Mars          2 Nobody
--segment 10 --out {out}/a --segmentation nobody         2 has no segmentation 'nobody'
--segment 10 --out {out}/a --serving {out}               2 run `segmentation build`
--segment 10 --out {out}/a --pseudonymise                2 is not set: --pseudonymise needs
--segment 10 --out {out}/a --nope                        2 No such option '--nope'
--segment                                                2 Option '--segment' requires an arg
"""

FORGET = """
--warehouse {in}/none.duckdb                             2 Missing option '--id'
--id 3 --warehouse {in}/none.duckdb                      2 There is no warehouse
--id 3 --warehouse {in}                                  2 There is no warehouse
--id 3 --warehouse {in}/good.csv                         2 .
--id 3 --warehouse {in}/empty.duckdb                     2 .
--id 3 4 --warehouse {in}/none.duckdb                    2 There is no warehouse
--warehouse {in}/none.duckdb 3                           2 Missing option '--id'
--id                                                     2 Option '--id' requires an argument
--id 3 --nope                                            2 No such option '--nope'
"""

NEW = """
club                                                     2 Say one of --model, --file
club --model members --file x.csv                        2 exclude each other
--model members --key id                                 2 Missing argument 'NAME'
Club --model members --key id                            2 NAME is 'Club', but it must be lower-c
9lives --model members --key id                          2 NAME is '9lives'
a-b --model members --key id                             2 NAME is 'a-b'
'' --model members --key id                              2 NAME is ''
customer --model members --key id                        2 and none of customer, product
share --model members --key id                           2 NAME is 'share'
club --model members --key id --unit Rows!               2 --unit is 'Rows!'
club --model members --key id --unit ''                  2 --unit is ''
club --model members --key idd                           2 members has no column idd. It has: id
club --model members --key id,idd                        2 members has no column idd
club --model others --key id                             2 There is no model or seed 'others'
club --model members --key id --duplicates sum           2 Invalid value for '--duplicates'
club --model members --key id --numbers country          2 Column country is varchar, so it cannot
club --model members --key id --numbers nope             2 members has no column nope
club --model members --key id --categories nope          2 members has no column nope
club --model members --key id --ignore nope              2 members has no column nope
club --model members --key id --ignore visits,country    2 No column of members can be a feature
club --model members --key id --as-of visits             2 --as-of is 'visits', but the dates of
club --model members --key id --sum visits               2 say --duplicates aggregate
club --model members --key id --count country            2 say --duplicates aggregate
club --model members --key id --last visits              2 say --duplicates aggregate
club --model members --duplicates first                  2 name it with --key
club --model members --duplicates aggregate              2 name it with --key
club --model members --key id --duplicates aggregate --last visits   2 name its column with --as-of
club --model members --key id --duplicates aggregate --sum country   2 so it has no sum
club --model members --key id --duplicates aggregate --sum nope      2 members has no column nope
club --model members --key id --duplicates aggregate --count id      2 is the key: it cannot be agg
club --model members --key id --project-dir {out}        2 is not a dbt project
club --model members --key id --project-dir {out}/none   2 is not a dbt project
club --model members --key id --nope                     2 No such option '--nope'
club --model                                             2 Option '--model' requires an argument
club --file {in}/none.csv                                2 none.csv cannot be read: No such file
club --file {in}                                         2 The format of
club --file {in}/words.xlsx                              2 let it end in .csv, .tsv
club --file {in}/empty.csv                               2 is empty: it needs a header and rows
club --file {in}/blank.csv                               2 is empty: it needs a header and rows
club --file {in}/twice.csv                               2 has the column 'total_orders' more than
club --file {in}/torn.csv                                2 is not UTF-8 text throughout
club --file {in}/torn_mark.csv                           2 is not UTF-8 text from byte
club --file {in}/good.csv --key nope                     2 club_rows has no column nope
club --file {in}/good.csv --unit Rows!                   2 --unit is 'Rows!'
club --file {in}/not.parquet                             2 dbt cannot read the file: it is no good
"""

INIT = """
{in}                                                     2 has README.md already, which would be
{in}/good.csv                                            2 is a file: name a folder for the project
{project}                                                2 is a dbt project already: segment a table
{out}/shop --name 9lives                                 2 --name 9lives cannot be the name of
{out}/shop --name ''                                     2 cannot be the name of a dbt project
{out}/shop --raw {out}/none                              2 Invalid value for '--raw': Directory
{out}/shop --raw {in}/good.csv                           2 Invalid value for '--raw': Directory
{out} --update                                           2 has no segmentation_package to bring
{out} extra                                              2 unexpected extra argument (extra)
{out} --nope                                             2 No such option '--nope'
--raw                                                    2 Option '--raw' requires an argument
"""

BUILD = """
--raw {out}/none                                         2 Invalid value for '--raw': Directory
--raw {in}/good.csv                                      2 Invalid value for '--raw': Directory
--project-dir {out}                                      2 is no dbt project: run this in one, or
--raw                                                    2 Option '--raw' requires an argument
"""

STATUS = """
--serving {out}                                          2 run `segmentation build`
--serving {in}/good.csv                                  2 There is no published file
--segmentation customer                                  2 No such option '--segmentation'
--nope                                                   2 No such option '--nope'
"""

REPORT = """
--serving {out}                                          2 run `segmentation build`
--segmentation nobody                                    2 has no segmentation 'nobody'
--nope                                                   2 No such option '--nope'
"""

SEGMENTS = """
--as xml                                                 2 Invalid value for '--as': 'xml' is
--serving {out}                                          2 run `segmentation build`
--segmentation nobody                                    2 has no segmentation 'nobody'
--sement x                                               2 did you mean --segmentation?
extra                                                    2 unexpected extra argument (extra)
"""

APP = """
--port 0                                                 2 0 is not in the range 1<=x<=65535
--port many                                              2 'many' is not a valid integer
--address 0.0.0.0                                        2 would be open to everybody who reaches
--prt 8600                                               2 did you mean --port?
"""

DOCS = """
--project-dir {out}                                      2 is no dbt project: run this in one, or
--opne                                                   2 did you mean --open?
"""

MAP = """
                                                         2 Missing argument 'FILE...'
{in}/none.csv                                            2 cannot be read: No such file
{in}/README.md                                           2 let it end in .csv
{in}/good.csv --as amazon                                2 Invalid value for '--as'
{in}/good.csv --numbers 1                                2 Invalid value for '--numbers'
{in}/good.csv --dates y/m/d                              2 Invalid value for '--dates'
{in}/good.csv --column price                             2 must be ROLE=COLUMN
{in}/other.csv                                           2 is known as the customer
{in}/other.csv --nmae x                                  2 did you mean --name?
"""

NOBODY = """
                                                         2 Commands:
--nope                                                   2 No such option '--nope'
predikt                                                  2 did you mean predict?
xyzzy                                                    2 there are init, build, status
"""


def calls() -> list:
    tables = {
        "predict": PREDICT,
        "export-sql": EXPORT_SQL,
        "similar": SIMILAR,
        "audience": AUDIENCE,
        "campaigns": CAMPAIGNS,
        "lift": LIFT,
        "export": EXPORT,
        "forget": FORGET,
        "new": NEW,
        "init": INIT,
        "build": BUILD,
        "status": STATUS,
        "report": REPORT,
        "segments": SEGMENTS,
        "app": APP,
        "docs": DOCS,
        "map": MAP,
        "": NOBODY,
    }
    found = []
    for command, lines in tables.items():
        for line in filter(None, lines.split("\n")):
            asked, code, words = parts(line)
            found.append(pytest.param(command, asked, code, words, id=f"{command} {asked}"))
    return found


def parts(line: str) -> tuple[str, int, str]:
    """Return what is asked, the code and the words: the code stands alone after two blanks."""
    for code in "0123":
        asked, found, words = line.rpartition(f"  {code} ")
        if found and "  " not in words:
            return asked.strip(), int(code), words
    raise AssertionError(line)


def test_there_are_enough():
    assert len(calls()) >= 150


@pytest.fixture(scope="module")
def wrong_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wrong")
    for name, content in FILES.items():
        content = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(content)
    duckdb.connect(str(folder / "empty.duckdb")).close()
    return folder


@pytest.fixture
def places(wrong_files, tmp_path, monkeypatch):
    """The folders of a call, and a dbt that knows one table of members and every good file."""

    def ask(_, model, key):
        if model == "club_rows":
            return answer(text("customer_id"), number("visits", whole=9), nodes=["club_rows"])
        return answer(*(number("id", distinct=100, whole=100),), *COLUMNS)

    def build(model, project):
        made = (project / "models/club/club_rows.sql").read_text()
        if "not.parquet" in made:
            raise source_file.CommandError("dbt cannot read the file: it is no good.")

    project, out = tmp_path / "project", tmp_path / "out"
    project.mkdir()
    out.mkdir()
    (project / "dbt_project.yml").write_text(PROJECT)
    monkeypatch.setattr(scaffold_table, "_ask", ask)
    monkeypatch.setattr("segmentation.scaffold.new.build", build)
    monkeypatch.delenv("SEGMENTATION_PSEUDONYM_KEY", raising=False)
    monkeypatch.chdir(project)
    return {"in": wrong_files, "out": out, "project": project}


COLUMNS = (number("visits", whole=100), text("country"))


@pytest.mark.parametrize(("command", "asked", "code", "words"), calls())
def test_a_bad_call_ends_in_one_sentence(
    published_folder, places, capsys, monkeypatch, command, asked, code, words
):
    monkeypatch.setenv("SEGMENTATION_SERVING", str(published_folder()))
    before = sorted(places["project"].rglob("*"))
    filled = asked
    for name, folder in places.items():
        filled = filled.replace("{" + name + "}", str(folder))
    arguments = [*([command] if command else []), *shlex.split(filled)]
    found = main(arguments)
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    assert (found, words in out + err) == (code, True), (found, out, err)
    if code == 2 and arguments:
        assert out == "" and err.count("\n") == 1 and err.endswith((".\n", "?\n"))
        assert err.startswith("segmentation")
        assert not list(places["out"].iterdir())
        assert sorted(places["project"].rglob("*")) == before
