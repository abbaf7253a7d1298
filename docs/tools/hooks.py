"""The hook of mkdocs.yml: what is on the site without being a page in docs/.

That is a report of the sample, dbt's lineage and CONTRIBUTING.md. Links to other files of the
repository become plain text.
"""

import os
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
CONTRIBUTING = "contributing.md"
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(((?:\.\./)*)([^):#]+)(#[^)]*)?\)")
"""A link to a file: its text, the way up, the rest of the path, the anchor."""


def built() -> dict[str, tuple[Path, str]]:
    """Return where each built file of the site comes from, and the command that writes it."""
    serving = Path(os.environ.get("SEGMENTATION_SERVING", ROOT / "serving"))
    target = Path(os.environ.get("DBT_TARGET_PATH", ROOT / "target"))
    return {
        "sample-report.html": (serving / "report.html", "make build"),
        "dbt/index.html": (target / "static_index.html", "dbt docs generate --static"),
    }


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the report, the lineage and CONTRIBUTING.md."""
    for source, command in built().values():
        if not source.is_file():
            raise PluginError(f"{source} is missing, which the site shows: run `{command}`.")
    for address, (source, _) in built().items():
        files.append(File.generated(config, address, abs_src_path=str(source)))
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").replace("](docs/", "](")
    files.append(File.generated(config, CONTRIBUTING, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links to CONTRIBUTING.md to its page, and make those to other files plain text."""
    folder = Path(config.docs_dir, page.file.src_uri).parent

    def mended(link: re.Match) -> str:
        text, up, path, anchor = link.groups()
        target = (folder / up / path).resolve()
        if target == ROOT / "CONTRIBUTING.md":
            return f"[{text}]({up.removesuffix('../')}{CONTRIBUTING}{anchor or ''})"
        if page.file.src_uri == CONTRIBUTING and not target.exists():
            target = ROOT / path
        is_page = not target.exists() or target.is_relative_to(config.docs_dir)
        return link[0] if is_page else text

    return LINK.sub(mended, markdown)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Give the dialogue of the search its name, which the theme leaves out."""
    return output.replace('role="dialog">', 'role="dialog" aria-label="Search">')
