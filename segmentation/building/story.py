"""What a run of dbt told, event by event: shown as it comes, and how it ended."""

import re
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segmentation.building.resume import Progress
from segmentation.building.screen import Screen
from segmentation.building.words import COLOURS, ended, failure_of, reason_of, step_of

OTHERWISE_TOLD = re.compile(
    r"Log\w+Result|RunResult\w+|EndOfRunSummary|StatsLine|SQLCompiledPath|Main\w+"
)
"""Events that are told in the end, or in sentences of our own."""
FILLED = ("LogModelResult", "LogSeedResult")
"""Events of a table that has its rows; a failed one has another status."""
SENTENCE = re.compile(r"(?!\w+(Error|Exception|Warning): )[A-Z].*\.")
SHOWN = 5
"""Failures told one by one; there are seldom more that differ."""


@dataclass
class Ended:
    """A node that failed or warned.

    Attributes
    ----------
    kind, name, path : str
        What it is, what it is called and where it is written.
    is_warning : bool
    message : str
        As dbt tells it.
    query : str
        File of what was run.
    """

    kind: str
    name: str
    path: str
    is_warning: bool
    message: str = ""
    query: str = ""

    @property
    def sentence(self) -> str:
        """It in one sentence."""
        return failure_of(self.kind, self.name, self.path, self.message, self.query)


@dataclass
class Story:
    """Tells a screen what dbt tells, and keeps what the end is told from.

    Attributes
    ----------
    screen : Screen
    progress : Progress
        Is told each table that is filled.
    publication : str
        ``none``, ``begun`` or ``done``.
    """

    screen: Screen
    progress: Progress
    publication: str = "none"
    _ended: list[Ended] = field(default_factory=list)
    _errors: list[str] = field(default_factory=list)
    _strays: list[str] = field(default_factory=list)
    _warned: set[str] = field(default_factory=set)

    def hear(self, told: dict[str, Any] | str) -> None:
        """Take an event of dbt, or a line that is none, and show what there is to show."""
        if isinstance(told, str):
            self._hear_stray(told)
            return
        info, data = told["info"], told["data"]
        if self.screen.verbose:
            self.screen.say(f"{info['ts'][11:19]}  {COLOURS.sub('', info['msg'])}")
        name, node = info["name"], data.get("node_info") or {}
        if name == "LogStartLine":
            self._hear_start(node, data["index"], data["total"])
        elif name == "LogHookStartLine":
            is_first = "on-run-start" in data["statement"]
            self.screen.stage("Checking settings and files" if is_first else "Tidying up")
        elif name == "JinjaLogInfo" and not self.screen.verbose:
            self.screen.say(data["msg"])
        elif name == "MainEncounteredError":
            self._errors.append(data["exc"])
        else:
            self._hear_end(name, data, node)
            if info["level"] == "warn" and not OTHERWISE_TOLD.fullmatch(name):
                self._warn(data.get("msg") or info["msg"])

    def _hear_start(self, node: dict[str, Any], number: int, total: int) -> None:
        step = step_of(node)
        if step.stage:
            self.screen.stage(step.stage)
        self.screen.step(step.phrase, number, total)
        if node["node_name"] == "publications":
            self.publication = "begun"

    def _hear_end(self, name: str, data: dict[str, Any], node: dict[str, Any]) -> None:
        if name in FILLED and node["node_status"] == "success":
            self.progress.add(node["node_name"])
        if name == "LogModelResult" and node["node_name"] == "publications":
            self.publication = "done" if node["node_status"] == "success" else "none"
        elif name in ("RunResultFailure", "RunResultWarning"):
            told = (data["resource_type"], data["node_name"], data["path"])
            self._ended.append(Ended(*told, name == "RunResultWarning"))
        elif name in ("RunResultError", "RunResultWarningMessage") and self._ended:
            self._ended[-1].message = data["msg"]
        elif name == "SQLCompiledPath" and self._ended:
            self._ended[-1].query = data["path"]

    def _hear_stray(self, line: str) -> None:
        if self.screen.verbose:
            self.screen.say(line)
        elif SENTENCE.fullmatch(line):
            self._warn(line)
        self._strays.append(line)

    def _warn(self, message: str) -> None:
        sentence = ended(reason_of(message.replace("[WARNING]: ", "")))
        if sentence not in self._warned and not self.screen.verbose:
            self.screen.warn(sentence)
        self._warned.add(sentence)

    def tell_warnings(self) -> None:
        """Show what data tests warn of."""
        for one in self._ended:
            if one.is_warning and not self.screen.verbose:
                self.screen.warn(one.sentence)

    def failures(self, code: int) -> list[str]:
        """Return why dbt failed, a sentence each.

        Parameters
        ----------
        code : int
            dbt's exit code, negative if a signal ended it.
        """
        if code < 0:
            return [
                f"dbt was ended by {signal.Signals(-code).name}"
                f"{', most likely for want of memory' if code == -signal.SIGKILL else ''}."
            ]
        told = [_circle(error) or ended(reason_of(error)) for error in self._errors]
        told += [one.sentence for one in self._ended if not one.is_warning]
        if len(told) > SHOWN:
            told[SHOWN:] = [f"{len(told) - SHOWN} more failures are in the log."]
        said = [line for line in self._strays if line.strip()]
        return told or [ended(reason_of("\n".join(said[-1:])) or f"dbt ended with code {code}")]

    def keep_strays(self, log: Path) -> None:
        """Add lines that dbt did not log itself to its log.

        Parameters
        ----------
        log : Path
            File; nobody else writes to it any more.
        """
        if self._strays:
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("a", encoding="utf-8") as file:
                file.write("\n".join(self._strays) + "\n")


def _circle(error: str) -> str | None:
    """Return one sentence if the error is a circle of models, else None."""
    circle = re.search(r"Found a cycle: (.+)", error)
    if circle is None:
        return None
    models = " --> ".join(name.split(".")[-1] for name in circle[1].split(" --> "))
    return (
        f"Models read each other in a circle ({models}): a segmentation of another one's segments "
        "reads them as they were last published, through a source, as "
        "docs/bring-your-own-table.md shows."
    )
