"""Work that a warm dbt does once or not at all, because what comes of it is the same.

A build asks for the same templates, texts of YAML and calendars over and over, and makes a message
of each event, whether a logger writes it or not. What a run prints, writes and returns stays as it
is, but for comments on tables, a summary of the graph and the code of materialisations, which
nobody reads; builds in processes of their own, as `whole_sample`, do all of it.
"""

import gc
import hashlib
import marshal
import os
import pickle
from collections import ChainMap
from functools import cache
from pathlib import Path
from threading import get_ident

from segmentation.building.start_dbt import NEW_OBJECTS


def quicken(templates: Path) -> None:
    """Change dbt in this process and its forks.

    Parameters
    ----------
    templates : Path
        A folder for the code of Jinja's templates; several processes may share it.
    """
    gc.set_threshold(NEW_OBJECTS)
    leave_out_summaries()
    keep_templates(templates)
    keep_syntax()
    look_names_up()
    keep_calendars()
    keep_yaml()
    compare_names_first()
    write_code_once()
    tell_a_run_once()
    compute_alone()
    silence()


def leave_out_summaries() -> None:
    """Write no summary of the graph, for which dbt makes a dictionary of every node twice."""
    from dbt.compilation import Linker

    Linker.get_graph_summary = lambda *_: {}


def keep_templates(folder: Path) -> None:
    """Look for a template's code in the folder before it is compiled.

    The code follows from the text and from the kind of environment, of which dbt has two.
    """
    import jinja2

    compiled = jinja2.Environment.compile
    folder.mkdir(parents=True, exist_ok=True)

    def compile(self, source, name=None, filename=None, raw=False, defer_init=False):
        if raw or defer_init or name or filename or not isinstance(source, str):
            return compiled(self, source, name, filename, raw, defer_init)
        text = f"{type(self).__name__}\n{source}"
        path = folder / hashlib.md5(text.encode()).hexdigest()
        if path.exists():
            return marshal.loads(path.read_bytes())
        code = compiled(self, source)
        own = path.with_suffix(f".{os.getpid()}_{get_ident()}")
        own.write_bytes(marshal.dumps(code))
        own.replace(path)
        return code

    jinja2.Environment.compile = compile


def keep_syntax() -> None:
    """Read the syntax of a macro once: dbt looks in it for calls whenever it parses the project."""
    import jinja2

    parse, kept = jinja2.Environment.parse, {}

    def parse_once(self, source, name=None, filename=None):
        key = type(self), source, name, filename
        if key not in kept:
            kept[key] = parse(self, source, name, filename)
        return kept[key]

    jinja2.Environment.parse = parse_once


def look_names_up() -> None:
    """Look a name up when a template asks for it, where Jinja copies the names of all macros."""
    from jinja2 import environment

    begin = environment.new_context

    def new_context(of, name, blocks, vars=None, shared=False, globals=None, locals=None):
        if shared or locals or not isinstance(globals, ChainMap):
            return begin(of, name, blocks, vars, shared, globals, locals)
        return of.context_class(of, ChainMap(vars or {}, globals), name, blocks, globals=globals)

    environment.new_context = new_context


def keep_calendars() -> None:
    """Set up agate's calendar once, not three times a query: dbt reads days by formats instead."""
    import parsedatetime

    parsedatetime.Constants = cache(parsedatetime.Constants)


def keep_yaml() -> None:
    """Read a text of YAML that a macro asks for once; each asker gets a copy."""
    from dbt.context import base

    load = base.safe_load
    pickled = cache(lambda text: pickle.dumps(load(text)))
    base.safe_load = lambda text: pickle.loads(pickled(text))


def compare_names_first() -> None:
    """Look for a relation among those of its name, where dbt compares all parts of every one."""
    from dbt.adapters.base.impl import BaseAdapter

    match = BaseAdapter._make_match

    def of_the_name(self, relations, database, schema, identifier):
        name = identifier.lower()
        named = [one for one in relations if (one.identifier or "").lower() == name]
        return match(self, named, database, schema, identifier)

    BaseAdapter._make_match = of_the_name


def write_code_once() -> None:
    """Write the compiled code of a node, and not what materialises it as well."""
    from dbt.contracts.graph.nodes import ParsedNode

    write = ParsedNode.write_node

    def write_node(self, project_root, compiled_path, compiled_code):
        if compiled_path == getattr(self, "compiled_path", None):
            write(self, project_root, compiled_path, compiled_code)

    ParsedNode.write_node = write_node


def tell_a_run_once() -> None:
    """Ask for what the context of each node tells of its run once; each asker gets a copy."""
    from dbt.context import base, providers

    tell, told = providers.args_to_dict, {}

    def args_to_dict(given):
        if id(given) not in told:
            told[id(given)] = given, tell(given)
        return dict(told[id(given)][1])

    providers.args_to_dict = args_to_dict
    base.get_context_modules = cache(base.get_context_modules)


def compute_alone() -> None:
    """Let DuckDB use one thread where dbt does: in small tables a second one only waits."""
    from dbt.adapters.duckdb.environments import Environment

    connect = Environment.initialize_db

    def initialize_db(credentials, plugins=None):
        connection = connect(credentials, plugins)
        if os.environ.get("SEGMENTATION_THREADS") == "1":
            connection.execute("set threads = 1")
        return connection

    Environment.initialize_db = staticmethod(initialize_db)


def silence() -> None:
    """Make no message of an event that no logger would write, and none of its fields either."""
    from dbt_common.events.base_types import BaseEvent, EventLevel
    from dbt_common.events.event_manager import EventManager

    quiet = {EventLevel.DEBUG, EventLevel.TEST}
    make, fire = BaseEvent.__init__, EventManager.fire_event
    get, put = BaseEvent.__getattr__, BaseEvent.__setattr__

    def begin(self, *arguments, **fields):
        if self.level_tag() in quiet:
            self.__dict__["given"] = arguments, fields
        else:
            make(self, *arguments, **fields)

    def made(self):
        if "pb_msg" not in self.__dict__:
            arguments, fields = self.__dict__["given"]
            make(self, *arguments, **fields)
        return self.__dict__["pb_msg"]

    def read(self, key):
        message = made(self)
        return message if key == "pb_msg" else get(self, key)

    def write(self, key, value):
        if key != "pb_msg":
            made(self)
        put(self, key, value)

    def fire_event(self, e, level=None, *arguments, **options):
        heard = quiet & {logger.level for logger in self.loggers}
        if heard or (level or e.level_tag()) not in quiet:
            fire(self, e, level, *arguments, **options)

    BaseEvent.__init__, BaseEvent.__getattr__, BaseEvent.__setattr__ = begin, read, write
    EventManager.fire_event = fire_event
