"""Draw the 24,000 customers in their three features, as an HTML page that turns."""

import os
from pathlib import Path

import duckdb
import plotly.graph_objects as go

FOLDER = Path(__file__).parent
FEATURES = ("products_purchased", "complains", "money_spent")


def picture(path: Path) -> go.Figure:
    """Return one point per different customer, as large as there are many of it."""
    with duckdb.connect(str(path), read_only=True) as connection:
        frame = connection.execute(
            f"""
            select segment_id, segment_name, {", ".join(FEATURES)}, count(*) as customers
            from customers_24k_features
            inner join customers_24k_segments using (customers_24k_id)
            group by all order by all
            """
        ).df()
    figure = go.Figure()
    for (number, name), rows in frame.groupby(["segment_id", "segment_name"]):
        figure.add_scatter3d(
            **dict(zip("xyz", (rows[feature] for feature in FEATURES), strict=True)),
            name=f"{number}: {name}",
            mode="markers",
            text=rows["customers"],
            hovertemplate="%{text} customers<br>%{x}, %{y}, %{z}",
            marker={"size": 4 + rows["customers"] ** 0.5 / 3},
        )
    axes = dict(zip("xyz", (feature.replace("_", " ") for feature in FEATURES), strict=True))
    figure.update_layout(
        title=f"{frame['customers'].sum():,} customers, {len(frame)} different ones: "
        "size shows how many are alike",
        scene={f"{axis}axis": {"title": name} for axis, name in axes.items()}
        | {"camera": {"eye": {"x": 1.7, "y": 1.5, "z": 0.9}}},
        legend={"orientation": "h", "itemsizing": "constant"},
        margin={"l": 0, "r": 0, "b": 0},
        height=640,
    )
    return figure


if __name__ == "__main__":
    serving = Path(os.environ.get("SEGMENTATION_SERVING", FOLDER / "serving"))
    target = FOLDER / "target" / "customers_24k.html"
    picture(serving / "segmentation.duckdb").write_html(target)
    print(target)
