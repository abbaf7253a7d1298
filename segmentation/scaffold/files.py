"""The two files of a new segmentation, as text: the model of its segments, and what it promises.

In the templates ``$name`` is the segmentation, ``$table`` what it segments, ``$key`` the columns of
its key and ``$key_type`` the type of the one that they become.
"""

from string import Template

MODEL = Template("""\
{{ segmentation.segments(
    '$name',
    serving_models=ref('segmentation', 'serving_models'),
    scaling=ref('segmentation', 'scaling'),
    loadings=ref('segmentation', 'loadings'),
    centroids=ref('segmentation', 'centroids'),
    segment_names=ref('segmentation', 'segment_names'),
    previous_segments=ref('segmentation', 'previous_segments'),
) }}
""")

OPENING = """\
    config:
      materialized: table
      contract: {enforced: true}
      persist_docs: {relation: true, columns: true}
    data_tests:
      - segmentation.keeps_rules:
          name: ${name}_segments_keeps_its_rules
"""
SEGMENT = """\
      - {name: segment_id, data_type: bigint, constraints: *never_null,
         description: "{{ doc('segmentation', 'segment_id') }}"}
      - {name: segment_name, data_type: string, constraints: *never_null,
         description: "{{ doc('segmentation', 'segment_name') }}"}
"""
VERSION = """\
      - {name: model_version, data_type: bigint, constraints: *never_null,
         description: "{{ doc('segmentation', 'model_version') }}"}
"""
"""What every table of segments promises, however they are made."""
PROPERTIES = Template(
    """\
models:
  - name: ${name}_segments
    description: >
      One row per row of $table with a segment under the model that serves. Those without one are in
      exclusions, with the reason.
"""
    + OPENING
    + """\
          arguments:
            unique: [${name}_id]
            values:
              confidence: between 0 and 1
              probability: between 0 and 1
    columns:
      - {name: ${name}_id, data_type: $key_type, constraints: &never_null [{type: not_null}],
         description: "The key: $key."}
"""
    + SEGMENT
    + """\
      - {name: component_1, data_type: double, constraints: *never_null,
         description: "First principal component: the x of a picture."}
      - {name: component_2, data_type: double,
         description: "Second principal component: the y of a picture; null where the model has
           one."}
      - name: components
        data_type: double[]
        constraints: *never_null
        description: >
          Place in the space of principal components, the first first: where segments are found and
          neighbours are near.
      - {name: distance, data_type: double, constraints: *never_null,
         description: "Euclidean distance to the segment's centroid, in that space."}
      - {name: runner_up_segment_id, data_type: bigint, constraints: *never_null,
         description: "The segment whose centroid is second nearest, under a mixture the second most
           probable."}
      - {name: confidence, data_type: double,
         description: "(d₂ - d₁) / d₂ of the two nearest centroids, under a mixture 1 - p₂ / p₁ of
           the two most probable segments: 0 on the border, 1 at the centroid."}
      - {name: probability, data_type: double,
         description: "Probability of the segment under a Gaussian mixture; null for other
           algorithms."}
"""
    + VERSION
)


def segmentation_files(
    name: str, table: str, key: tuple[str, ...], key_type: str
) -> dict[str, str]:
    """Return the text of both files, by file name.

    Parameters
    ----------
    name : str
        Of the segmentation.
    table : str
        The model or seed it segments.
    key : tuple of str
        The columns of its key.
    key_type : str
        ``bigint`` or ``string``.
    """
    values = {
        "name": name,
        "table": table,
        "key": ", ".join(key) or "the number of the row",
        "key_type": key_type,
    }
    return both_files(MODEL, PROPERTIES, values)


def both_files(model: Template, properties: Template, values: dict[str, str]) -> dict[str, str]:
    """Return the text of a model of segments and of its properties, by file name."""
    texts = model.substitute(values), properties.substitute(values)
    return dict(zip(file_names(values["name"]), texts, strict=True))


def file_names(name: str) -> tuple[str, str]:
    """Return the names of both files: the model, and its properties."""
    return f"{name}_segments.sql", f"_{name}_segments.yml"
