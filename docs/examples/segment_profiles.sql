-- The three numbers that set each segment apart most.
select segment_name, feature, mean, rest_mean, effect_size
from segment_profiles
where segmentation = 'customer'
qualify row_number() over (
    partition by segment_id order by abs(effect_size) desc, feature
) <= 3
order by segment_id, abs(effect_size) desc, feature;
