"""A build on Spark beside one on DuckDB: seconds, differences, and what a fault leaves.

    python -m benchmarks.spark OUT                                  the sample, in this process
    python -m benchmarks.spark OUT --raw RAW --workers 2            a cluster on this machine
    python -m benchmarks.spark OUT --raw RAW --workers 2 --fault worker --at customer_features

Of a fault, two seconds after a node has begun: `worker` kills one worker with its executor, and
`workers` all of them, of which one is back after twenty seconds and the others after fifteen more.
`driver` kills dbt with its JVM where an earlier call has published: what readers see is compared
with that, and the build is run once more. OUT keeps its warehouses from one call to the next.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from benchmarks.builds import ROOT

MASTER = "spark://127.0.0.1:17077"
BACK_AFTER, NEXT_AFTER = 20, 15
TOLERANCE = 1e-9


class Cluster:
    """One master and some workers of one core, each with a group of processes of its own."""

    def __init__(self, folder: Path, workers: int, memory: str) -> None:
        import pyspark

        self.folder, self.memory = folder, memory
        self.home = Path(pyspark.__file__).parent
        folder.mkdir(parents=True, exist_ok=True)
        port = MASTER.rpartition(":")[2]
        self.master = self._start(
            "master", "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", port
        )
        self.workers = [self.worker(number) for number in range(workers)]

    def _start(self, name: str, *command: str) -> subprocess.Popen:
        with open(self.folder / f"{name}.log", "a") as log:
            return subprocess.Popen(
                [self.home / "bin" / "spark-class", *command],
                env=os.environ | {"SPARK_HOME": str(self.home), "SPARK_LOCAL_IP": "127.0.0.1"},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def worker(self, number: int) -> subprocess.Popen:
        """Start one worker."""
        return self._start(
            f"worker{number}",
            "org.apache.spark.deploy.worker.Worker",
            *("--host", "127.0.0.1", "--cores", "1", "--memory", self.memory),
            *("--work-dir", str(self.folder / f"work{number}"), MASTER),
        )

    def settings(self) -> dict[str, str]:
        """Environment of a build that runs on this cluster."""
        conf = self.folder / "conf"
        conf.mkdir(exist_ok=True)
        told = {
            "spark.cores.max": len(self.workers),
            "spark.executor.cores": 1,
            "spark.executor.memory": self.memory,
        }
        lines = [f"{key} {value}" for key, value in told.items()]
        (conf / "spark-defaults.conf").write_text("\n".join(lines) + "\n")
        return {"SEGMENTATION_SPARK_MASTER": MASTER, "SPARK_CONF_DIR": str(conf)}

    def kill_workers(self, number: int) -> None:
        """Kill the first workers, each with its executor."""
        for one in self.workers[:number]:
            kill(one)

    def restart_workers(self) -> None:
        """Bring back those that were killed, one after the other."""
        for number, one in enumerate(self.workers):
            if one.poll() is not None:
                time.sleep(NEXT_AFTER if number else BACK_AFTER)
                self.workers[number] = self.worker(number)

    def stop(self) -> None:
        """End every process."""
        for one in (*self.workers, self.master):
            kill(one)


def kill(process: subprocess.Popen) -> None:
    """Kill a process and all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def build(folder: Path, target: str, settings: dict[str, str], at: str = "", fault=None) -> dict:
    """Build and publish, and return seconds by node; a fault comes while a node runs."""
    environment = os.environ | {
        "SEGMENTATION_WAREHOUSE": str(folder / "warehouse.duckdb"),
        "SEGMENTATION_SPARK_WAREHOUSE": str(folder / "lake"),
        "SEGMENTATION_SERVING": str(folder / target),
        "DBT_PROFILES_DIR": str(ROOT),
    }
    results = folder / f"target-{target}"
    started = time.perf_counter()
    process = subprocess.Popen(
        [
            *(str(Path(sys.executable).with_name("dbt")), "--no-use-colors", "build"),
            *("--target", target, "--exclude-resource-type", "unit_test"),
            *("--target-path", str(results), "--log-path", str(folder / "logs")),
        ],
        env=environment | settings,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with open(folder / f"{target}.log", "w") as log:
        for line in process.stdout:
            log.write(line)
            if fault and re.search(rf"START .*\.{at} ", line):
                time.sleep(2)
                fault(process)
                fault = None
    told = {"returned": process.wait(), "seconds": time.perf_counter() - started}
    if fault:
        raise SystemExit(f"The node {at} never began, so that no fault came: name another.")
    if told["returned"] == 0:
        nodes = json.loads((results / "run_results.json").read_text())["results"]
        told["nodes"] = {one["unique_id"]: one["execution_time"] for one in nodes}
    return told


def differences(ours: Path, theirs: Path) -> dict[str, int]:
    """Count the units whose segment, runner-up or distance differs between two publications."""
    counted = {}
    with duckdb.connect() as connection:
        for alias, folder in {"ours": ours, "theirs": theirs}.items():
            connection.execute(f"attach '{folder / 'segmentation.duckdb'}' as {alias} (read_only)")
        for unit in ("customer", "product"):
            table, key = f"main.{unit}_segments", f"{unit}_id"
            counted[f"{unit}s"], counted[f"{unit}s that differ"] = connection.execute(
                f"""
                select count(*), count(*) filter (where not coalesce(
                    a.segment_id = b.segment_id
                    and a.runner_up_segment_id is not distinct from b.runner_up_segment_id
                    and abs(a.distance - b.distance) <= {TOLERANCE}, false))
                from ours.{table} as a full join theirs.{table} as b using ({key})
                """
            ).fetchone()
    return counted


def shown(folder: Path) -> list[tuple]:
    """Return what readers see on Spark: the rows of segments of the last whole version."""
    place = folder / "lake" / "segmentation_published.db"
    with duckdb.connect() as connection:
        return connection.execute(
            f"""
            select * from read_parquet('{place}/segments__versions/*/*.parquet')
            where published_version = (
                select max(version) from read_parquet('{place}/published_versions/*.parquet')
                where is_whole
            )
            order by all
            """
        ).fetchall()


def main() -> None:
    """Run what the command line asks for, and print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--raw", type=Path, help="folder of raw files; else the sample")
    parser.add_argument("--workers", type=int, default=0, help="0: in this process")
    parser.add_argument("--memory", default="2g", help="of the driver, and of each worker")
    parser.add_argument("--partitions", default="4")
    parser.add_argument("--fault", choices=["worker", "workers", "driver"])
    parser.add_argument("--at", default="customer_features", help="the node in which it comes")
    asked = parser.parse_args()
    out = asked.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    settings = {
        "SEGMENTATION_SPARK_MEMORY": asked.memory,
        "SEGMENTATION_SPARK_PARTITIONS": asked.partitions,
    }
    if asked.raw:
        settings["SEGMENTATION_RAW_PATH"] = str(asked.raw.resolve())
    told = {}
    if not (out / "duckdb").exists():
        told["duckdb"] = build(out, "duckdb", settings)
    cluster = Cluster(out / "cluster", asked.workers, asked.memory) if asked.workers else None
    try:
        settings |= cluster.settings() if cluster else {}
        before = shown(out) if asked.fault == "driver" else []
        told["spark"] = build(out, "spark", settings, asked.at, _fault(asked.fault, cluster))
        if asked.fault == "driver":
            told["readers saw the old publication"] = bool(before) and shown(out) == before
            told["spark again"] = build(out, "spark", settings)
    finally:
        if cluster:
            cluster.stop()
    told["same"] = differences(out / "duckdb", out / "spark")
    print(json.dumps(told, indent=1, default=str))


def _fault(name: str | None, cluster: Cluster | None):
    def workers_die(number: int) -> None:
        cluster.kill_workers(number)
        if name == "workers":
            cluster.restart_workers()

    return {
        None: None,
        "worker": lambda _: workers_die(1),
        "workers": lambda _: workers_die(len(cluster.workers)),
        "driver": kill,
    }[name]


if __name__ == "__main__":
    main()
