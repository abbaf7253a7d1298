{#-
    Every setting once: `name: {default, kind, range or choices, unit, reason}`,
    by scope. A setting of a recipe or of the policy belongs to a segmentation:
    customers read the var as it is named (`k`), any other puts its own name in
    front (`product_k`). Those of baskets and project are vars as they stand.
    Null is a value where it is the default, or `nullable`.
-#}
{% macro settings_table() %}
{% set settings %}
recipe:
  missing: {default: fill, kind: choice, choices: [fill, drop], reason: 'A
    missing value becomes the median or "(missing)", or its row is left out.'}
  encoding: {default: famd, kind: choice, choices: [famd, label], reason: "How
    categories become numbers; label keeps the published article's."}
  max_levels: {default: 20, kind: whole, least: 2, unit: levels,
    reason: 'Levels kept of a category; the rest is "(other)".'}
  components: {default: 0.8, kind: components,
    reason: 'Share of variance to keep at least, with every component above half
      the mean eigenvalue; or a whole number of components.'}
  pca_seed: {default: 0, kind: whole, least: 0, below: 4294967296,
    reason: "Seed of the components' solver."}
  algorithm: {default: kmeans, kind: choice, choices: [kmeans, bisecting_kmeans,
    gaussian_mixture], reason: 'What finds the segments.'}
  k: {default: null, kind: whole, least: 2, unit: segments,
    reason: 'How many segments; null decides by the written rule.'}
  k_min: {default: 2, kind: whole, least: 1, unit: segments,
    reason: 'Smallest k that is measured.'}
  k_max: {default: 10, kind: whole, least: 2, unit: segments,
    reason: 'Largest k that is measured.'}
  seed: {default: 0, kind: whole, least: 0, below: 4294967296,
    reason: 'Seed of every draw.'}
  n_init: {default: 10, kind: whole, least: 1, unit: starts,
    reason: 'Starts of a fit, of which the best is kept.'}
  max_iter: {default: 300, kind: whole, least: 1, unit: iterations,
    reason: 'Iterations after which a fit ends.'}
  bootstraps: {default: 20, kind: whole, least: 2, unit: samples,
    reason: 'Samples that stability is measured on.'}
  gap_references: {default: 10, kind: whole, least: 2, unit: data sets,
    reason: 'Random data sets that the gap is measured against.'}
  minimum_k: {default: 3, kind: whole, least: 1, unit: segments,
    reason: 'Smallest k of a grid; up to 3 here, two clear groups may win.'}
  minimum_share: {default: 0.02, kind: share, below: 1, unit: of the fitted
    rows, reason: 'A k with a smaller segment is not taken.'}
  minimum_stability: {default: 0.6, kind: share, below: 1, unit: Jaccard
    similarity, reason: 'A k with a less stable segment is not taken.'}
  max_grid_k: {default: 10, kind: whole, least: 1, unit: segments,
    reason: 'Most segments where there are no groups, only slices of a cloud.'}
  max_fit_rows: {default: 250000, kind: whole, least: 10, unit: rows,
    reason: 'Rows a model is fitted to; bounds the memory of a build.'}
  max_selection_rows: {default: 20000, kind: whole, least: 10, unit: rows,
    reason: 'Rows that silhouettes are measured on; they cost the square of
      it.'}

segmentation:
  recipe: {default: null, kind: recipe,
    reason: "A recipe's name or its settings; null is the segmentation's own."}
  as_of: {default: null, kind: date,
    reason: "The day the data are of, YYYY-MM-DD; null is the newest order's, or
      the newest in the table's date column."}

policy:
  refit: {default: auto, kind: choice, choices: [auto, always, never], rule:
    'must be auto, always or never',
    reason: 'Whether a build fits a new model when drift or age ask for one.'}
  max_model_age_days: {default: 90, kind: whole, least: 1, unit: days,
    reason: 'Age at which a model is fitted anew.'}
  model_version: {default: null, kind: whole, least: 1,
    reason: 'The version that serves; null lets the policy decide.'}
  match_floor: {default: 0.5, kind: share, above: 0, unit: Jaccard similarity,
    reason: "A new segment takes an old one's id from this overlap on."}
  switch_margin: {default: 0, kind: share, unit: of the distance, reason: 'How
    much nearer another segment must be before a member moves there.'}
  drift_warn: {default: 0.1, kind: share, unit: PSI,
    reason: 'A feature that drifted this far is named.'}
  drift_refit: {default: 0.25, kind: share, unit: PSI,
    reason: 'A feature that drifted this far asks for a new model.'}
  minimum_active_share: {default: 0.005, kind: share, unit: of all members,
    reason: 'A new model that leaves a segment with fewer does not serve.'}
  maximum_separation_loss: {default: 0.05, kind: share, unit: silhouette,
    reason: 'A new model that separates worse by more does not serve.'}
  stop_shrunk: {default: 0.3, kind: share, unit: of the last publication,
    reason: 'Data that shrank by more stop the build, or leave the segmentation
      out: customers, orders, products and items of a shop, rows of a table.'}
  warn_shrunk: {default: 0.05, kind: share, unit: of the last publication,
    reason: 'Data that shrank by more are warned of.'}
  accept_shrunk: {default: null, kind: date,
    reason: 'The date of data that are rightly this small, so let pass.'}

basket:
  basket_measure: {default: items, kind: choice, choices: [items, spend], rule:
    must be items or spend,
    reason: "What a category's share of a basket is a share of."}
  basket_components: {default: null, kind: whole, least: 1, unit: typical
    baskets,
    reason: 'How many typical baskets; null decides by the written rule.'}
  basket_max_components: {default: 8, kind: whole, least: 1, unit: typical
    baskets, reason: 'Most typical baskets that the rule considers.'}
  basket_max_categories: {default: 60, kind: whole, least: 2, unit: categories,
    reason: 'Most widespread categories that take part; the others do not.'}
  basket_max_fit_rows: {default: 20000, kind: whole, least: 10, unit: customers,
    reason: 'Customers that typical baskets are fitted to.'}

project:
  segmentations: {default: {}, kind: segmentations,
    reason: 'What is segmented besides customers and products, by name.'}
  recipes: {default: {}, kind: recipes,
    reason: 'Your own recipes by name; each may say `extends`.'}
  extras: {default: true, kind: switch,
    reason: 'The expensive extras of a fit: stability, alternatives for k,
      comparison of algorithms, map. false leaves their tables empty.'}
  horizon_days: {default: 90, kind: whole, least: 1, unit: days,
    reason: 'How far the extras look back, to see what came after.'}
  products: {default: true, kind: switch,
    reason: 'Whether products are segmented too.'}
  forget_models: {default: false, kind: names,
    reason: 'Segmentations whose models, history and changes a build forgets, by
      name; true forgets all of them with --full-refresh.'}
  new_shop: {default: false, kind: switch,
    reason: "Whether the data may be another shop's: then the build forgets the
      first one's models, history and changes."}
  stability_warn: {default: 0.75, kind: share, unit: mean Jaccard similarity,
    reason: 'A less stable segment gets a warning (Hennig 2007).'}
  stability_doubtful: {default: 0.5, kind: share, unit: mean Jaccard similarity,
    reason: 'A less stable segment gets a louder one (Hennig 2007).'}
  max_sale_price: {default: 1000000, kind: amount, unit: currency,
    reason: "An item's price above this is a mistake of the source."}
  rfm_orders: {default: kept, kind: choice, choices: [kept, all],
    reason: 'RFM counts the orders of which something was kept, or all.'}
  warn_dropped: {default: 0.05, kind: share, unit: of rows or money,
    reason: 'Above it the build names what it dropped of a table, and why.'}
  stop_dropped: {default: 0.5, kind: share, unit: of rows or money,
    reason: 'Above it nothing is published.'}
  accepted_drops: {default: {}, kind: mapping,
    reason: 'Shares that are known, by table and check {orders without customer:
      0.3}; a larger one is told again.'}
  raw_formats: {default: {}, kind: mapping,
    reason: 'How a column is written where its values leave it open
      {order_items.sale_price: "1.234,56", orders.created_at: d/m/y}.'}
  statuses: {default: {}, kind: mapping,
    reason: "Statuses of your shop, by meaning: {verzonden: kept, storniert:
      cancelled, retour: returned}; they go before those of status_meanings."}
  currency: {default: null, kind: name,
    reason: 'Stands with money in words: $ before it, EUR behind it.'}
  shop_orders: {default: thelook_orders, kind: model, reason: "Fills the shop's
    orders; another model than theLook's leaves it out."}
  shop_order_items: {default: thelook_order_items, kind: model,
    reason: "Fills the shop's order items."}
  shop_customers: {default: thelook_customers, kind: model, nullable: true,
    reason: "Fills the shop's customers; null takes those who ordered."}
  shop_products: {default: thelook_products, kind: model, nullable: true,
    reason: "Fills the shop's products; null has none."}
  data_quality: {default: thelook_data_quality, kind: model,
    reason: 'Says what was read, kept and dropped.'}
  key_types: {default: {}, kind: mapping, reason: 'Types of keys that are no
    whole numbers, by column {order_id: string}.'}
  customers_counted: {default: null, kind: model,
    reason: 'Only the customers in this model are counted; null counts all.'}
  publishable_columns: {default: [], kind: list,
    reason: 'Columns of your own that may be published; the rest is refused.'}
  kept_publications: {default: 3, kind: whole, least: 1, unit: publications,
    reason: 'Published versions that stay on disk, for readers of the last.'}
  own_vars: {default: [], kind: list, reason: 'Vars that your own models read,
    so that they are not misspelt ones.'}
{% endset %}
{% set table = {} %}
{% for scope, rows in fromyaml(settings).items() %}
    {% for name, row in rows.items() %}
        {% do table.update({name: dict(row, scope=scope)}) %}
    {% endfor %}
{% endfor %}
{{ return(table) }}
{% endmacro %}
