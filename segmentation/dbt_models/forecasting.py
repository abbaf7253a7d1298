"""The body of the Python model that forecasts: parameters and nodes that SQL applies to all."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.dbt_models import schemas
from segmentation.features.frames import bounded_frame


def fit_purchases_table(histories: Any) -> pa.Table:
    """One row per parameter of the forecast, and one per repeats and node; nothing of nobody.

    Parameters
    ----------
    histories : relation
        One row per drawn customer, as `segmentation.value.forecast.fit_forecast` takes them, and
        is_drawn: false for a row that only says that there are customers with so many repeats.
    """
    frame = bounded_frame(histories).sort_values(["customer_id", "repeats"], ignore_index=True)
    if frame.empty:
        return schemas.PURCHASES.empty_table()
    parameters, nodes = _fitted(frame)
    rows = [row | {"repeats": None, "node": None} for row in parameters]
    table = pd.concat([pd.DataFrame(rows), nodes], ignore_index=True)
    types = {"repeats": "Int64", "node": "Int64"}
    table = table.reindex(columns=schemas.PURCHASES.names).astype(types)
    return pa.Table.from_pandas(table, schema=schemas.PURCHASES, preserve_index=False)


def _fitted(frame: pd.DataFrame) -> tuple[list[dict[str, Any]], pd.DataFrame]:
    from segmentation.clustering.threads import single_blas_thread
    from segmentation.value.forecast import fit_forecast, told
    from segmentation.value.purchases import leaving_nodes

    drawn = frame[frame["is_drawn"]]
    empty = pd.DataFrame(columns=["repeats", "node", "leaves", "weight"])
    try:
        with single_blas_thread():
            fitted = fit_forecast(drawn)
    except ValueError as error:
        note = f"Nothing is forecast: {error}"
        return [{"parameter": "note", "value": np.nan, "meaning": note}], empty
    return told(fitted, drawn), leaving_nodes(fitted.purchases, frame["repeats"].to_numpy())
