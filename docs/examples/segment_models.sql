-- Which models were tried, and which one serves?
select model_version, status, reason, as_of_date, recipe_name, k, silhouette
from segment_models
where segmentation = 'customer'
order by model_version;
