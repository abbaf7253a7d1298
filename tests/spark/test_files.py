"""Ensures that raw files, which DuckDB reads, reach Spark whole, and their faults are told."""

from dbt.adapters.sparksession import files


def test_lines_that_are_rejected_are_told_to_the_next_query(spark, tmp_path):
    raw = tmp_path / "it's.csv"
    raw.write_text('id,name\n1,"a, b"\n2,\n3,c,too many\n')
    quoted = str(raw).replace("'", "''")
    query = (
        f"select * from read_csv('{quoted}', auto_detect = false, header = true, nullstr = '', "
        "store_rejects = true, columns = {'id': 'VARCHAR', 'name': 'VARCHAR'})"
    )
    assert files.are_read_by(query)
    stored = files.as_parquet(query, str(tmp_path), "raw")
    assert [tuple(row) for row in spark.sql(stored).collect()] == [("1", "a, b"), ("2", None)]
    rejected = files.rows_of("select line from reject_errors").collect()
    assert rejected == [(4,)]
