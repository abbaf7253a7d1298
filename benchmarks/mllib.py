"""The notebook's walk-through by Spark's own library, where pyspark is installed.

    python -m benchmarks.mllib DIR

The same query, then string indexes, standard scaling, PCA(2) and k-means(5) of MLlib on this
machine's threads. The elbow is left out: ten more fits would flatter whoever is beside it.
"""

import sys
import time
from pathlib import Path

from benchmarks.notebook import CATEGORIES, QUERY


def walk_through(folder: Path) -> float:
    """Run it on a folder of Parquet; return the objective of k-means."""
    from pyspark.ml import Pipeline
    from pyspark.ml.clustering import KMeans
    from pyspark.ml.feature import PCA, StandardScaler, StringIndexer, VectorAssembler
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", "4g")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "8")
        .getOrCreate()
    )
    for table in ("users", "orders", "order_items", "inventory_items"):
        session.read.parquet(f"{folder}/{table}.parquet").createOrReplaceTempView(table)
    query = QUERY
    for table in ("users", "orders", "order_items", "inventory_items"):
        query = query.replace(f"'{{folder}}/{table}.{{form}}'", table)
    rows = session.sql(query).dropna().cache()
    indexes = [f"{column}_index" for column in CATEGORIES]
    stages = [
        StringIndexer(inputCols=CATEGORIES, outputCols=indexes, stringOrderType="alphabetAsc"),
        VectorAssembler(inputCols=["age", "total_orders", *indexes], outputCol="values"),
        StandardScaler(inputCol="values", outputCol="scaled", withMean=True),
        PCA(k=2, inputCol="scaled", outputCol="components"),
        KMeans(k=5, seed=222, featuresCol="components", predictionCol="cluster"),
    ]
    model = Pipeline(stages=stages).fit(rows)
    return model.stages[-1].summary.trainingCost


if __name__ == "__main__":
    start = time.perf_counter()
    print(f"objective {walk_through(Path(sys.argv[1])):.1f}, {time.perf_counter() - start:.1f} s")
