-- What is a component made of?
select component, feature, level, loading, explained_variance_ratio
from loadings
where segmentation = 'customer' and abs(loading) >= 0.3
order by component, abs(loading) desc;
