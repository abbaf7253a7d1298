"""Where the warehouse and the published files must not lie."""

from pathlib import Path

from segmentation.published.serving_folder import DATABASE


def shared_place_problem(warehouse: str | Path, serving: str | Path) -> str | None:
    """Return one sentence if publication could replace or remove the warehouse, else None.

    Publication owns all that is in the serving folder. Paths are compared by what they lead to,
    through symbolic links, relative parts and other spellings.

    Parameters
    ----------
    warehouse : path
        The DuckDB build file.
    serving : path
        The folder that BI reads.
    """
    file, folder = Path(warehouse).resolve(), Path(serving).resolve()
    spilled = file.with_name(f"{file.name}.tmp")
    is_inside = any(_is_same(parent, folder) for parent in file.parents)
    if is_inside or _is_same(file, folder / DATABASE) or spilled in (folder, *folder.parents):
        return (
            f"The warehouse {warehouse} and the serving folder {serving} share a place, where "
            "publication would replace the warehouse or remove it: name a file outside that folder "
            "with SEGMENTATION_WAREHOUSE, or another folder with SEGMENTATION_SERVING."
        )
    return None


def _is_same(one: Path, other: Path) -> bool:
    return one == other or (one.exists() and other.exists() and one.samefile(other))
