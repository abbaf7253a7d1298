"""What only a shop's segments have: RFM cells, returning customers, typical baskets."""

import pandas as pd

from segmentation.published.served import Published
from segmentation.report.data import read


def rfm_by_segment(published: Published) -> pd.DataFrame:
    """Return RFM cells against segments: rfm_cell, segment_id, customers, share_of_segment."""
    query = """
        select rfm_cell, cell_order, segment_id, customers, share_of_segment, share_of_cell
        from customer_rfm_by_segment order by cell_order, segment_id
    """
    return read(published, query, "customer_rfm_by_segment")


def retention(published: Published) -> pd.DataFrame:
    """Return who came back in time: segment_id, window_days, customers, retention_rate.

    Only customers whose window has passed by the date of the data count.
    """
    query = """
        select
            segment_id, window_days,
            cast(sum(customers_observable) as bigint) as customers,
            sum(customers_returned) / nullif(sum(customers_observable), 0) as retention_rate
        from segment_retention
        group by segment_id, window_days
        having sum(customers_observable) > 0
        order by segment_id, window_days
    """
    return read(published, query, "segment_retention")


def baskets(published: Published) -> pd.DataFrame:
    """Return typical baskets: component, name, category, weight."""
    query = """
        select component, component_name as name, category, weight
        from basket_components order by component, weight desc, category
    """
    return read(published, query, "basket_components")


def basket_pairs(published: Published) -> pd.DataFrame:
    """Return the pairs of categories that go together beyond chance, the strongest first."""
    query = """
        select category_a, category_b, lift, lift_low, lift_high, customers_both
        from basket_pairs order by lift desc, category_a, category_b
    """
    return read(published, query, "basket_pairs")


def baskets_by_segment(published: Published) -> pd.DataFrame:
    """Return the strongest baskets of each segment: segment_id, component, customers, share."""
    query = """
        select
            segment_id, baskets.component, count(*) as customers,
            count(*) / sum(count(*)) over (partition by segment_id) as share
        from customer_baskets as baskets
        inner join customer_segments using (customer_id)
        where baskets.component > 0
        group by segment_id, baskets.component
        order by segment_id, component
    """
    return read(published, query, "customer_baskets", "customer_segments")
