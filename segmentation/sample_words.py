"""What the sample shop is made of: personas, places, goods and words.

Everything here is invented except the category names, which are theLook's.
`sample_sql.py` turns it into tables, `sample.py` writes the files.
"""

from __future__ import annotations

from dataclasses import dataclass

KEPT = ("Shipped",) * 6 + ("Complete",) * 5 + ("Processing",) * 4
ALL = KEPT + ("Cancelled",) * 4 + ("Returned",) * 2


@dataclass(frozen=True)
class Persona:
    """How one kind of customer behaves; a tuple is drawn from uniformly.

    Attributes
    ----------
    name : str
        What the `personas` file calls it.
    per_mille : int
        Share of all users, in thousandths.
    orders : tuple of int
        Orders of a customer, at most `sample_sql.MAX_ORDERS`; none: never orders.
    items : tuple of int
        Items of an order, at most `sample_sql.MAX_ITEMS`.
    recency : tuple of float
        Days from the last order to the end of the data, lowest and highest.
    gap : tuple of float
        Days between orders, lowest and highest.
    price : tuple of float
        Price quantiles of the department or category bought from.
    age : tuple of int
        Years, lowest and highest.
    one_category : bool
        Whether every item comes from one favourite category.
    statuses, last_statuses : tuple of str
        Statuses of the orders before the last one, and of the last one.
    """

    name: str
    per_mille: int
    orders: tuple[int, ...] = (1,)
    items: tuple[int, ...] = (1,)
    recency: tuple[float, float] = (0.0, 1095.0)
    gap: tuple[float, float] = (0.0, 0.0)
    price: tuple[float, float] = (0.0, 1.0)
    age: tuple[int, int] = (12, 70)
    one_category: bool = False
    statuses: tuple[str, ...] = KEPT
    last_statuses: tuple[str, ...] = KEPT


# The proportions of theLook (orders per buyer, items per order, statuses) come
# out of the mixture. Cancellations and returns are left to the personas they
# make and to customers with many orders: of one order, a random cancellation is
# a rate of 0 or 1, and such extremes would hide every other difference.
PERSONAS = (
    Persona("visitor", 200, orders=()),
    Persona(
        "lapsed_one_timer",
        248,
        items=(1,) * 11 + (2,),
        recency=(300.0, 1000.0),
        price=(0.3, 0.8),
    ),
    Persona(
        "newcomer",
        160,
        items=(1,) * 11 + (2,),
        recency=(0.0, 35.0),
        price=(0.3, 0.8),
        age=(12, 40),
    ),
    Persona(
        "bargain_hunter",
        112,
        orders=(1,) + (2,) * 6,
        recency=(50.0, 240.0),
        gap=(20.0, 60.0),
        price=(0.0, 0.2),
    ),
    Persona(
        "order_canceller",
        104,
        orders=(1, 1, 2),
        recency=(30.0, 400.0),
        gap=(5.0, 40.0),
        price=(0.2, 0.8),
        statuses=("Cancelled",),
        last_statuses=("Cancelled",) * 24 + ("Processing",),
    ),
    Persona(
        "serial_returner",
        72,
        orders=(2, 2, 3),
        items=(1, 1, 2),
        recency=(30.0, 365.0),
        gap=(20.0, 90.0),
        price=(0.3, 0.9),
        age=(18, 45),
        statuses=("Returned",) * 24 + ("Complete",),
        last_statuses=KEPT,
    ),
    Persona(
        "loyal_high_spender",
        56,
        orders=(4, 5, 5, 6, 6, 7, 8, 10, 12),
        items=(1,) * 10 + (2,) * 9 + (3,),
        recency=(1.0, 60.0),
        gap=(30.0, 75.0),
        price=(0.6, 1.0),
        age=(30, 65),
        statuses=ALL,
        last_statuses=ALL,
    ),
    Persona(
        "category_enthusiast",
        48,
        orders=(2, 2, 3, 3, 3),
        items=(2, 3, 3, 4, 4, 4),
        recency=(20.0, 150.0),
        gap=(40.0, 110.0),
        price=(0.3, 0.8),
        one_category=True,
    ),
)

# Per mille of users.
TRAFFIC_SOURCES = (
    ("Search", 700),
    ("Organic", 150),
    ("Facebook", 60),
    ("Email", 50),
    ("Display", 40),
)

# Country, state, city, latitude, longitude, postal code prefix, per mille.
PLACES = (
    ("China", "Guangdong", "Shenzhen", 22.54, 114.06, 518, 120),
    ("China", "Shanghai", "Shanghai", 31.23, 121.47, 200, 90),
    ("China", "Beijing", "Beijing", 39.90, 116.41, 100, 70),
    ("China", "Sichuan", "Chengdu", 30.57, 104.07, 610, 60),
    ("United States", "California", "Los Angeles", 34.05, -118.24, 900, 70),
    ("United States", "Texas", "Houston", 29.76, -95.37, 770, 55),
    ("United States", "New York", "New York", 40.71, -74.01, 100, 50),
    ("United States", "Illinois", "Chicago", 41.88, -87.63, 606, 50),
    ("Brasil", "São Paulo", "São Paulo", -23.55, -46.63, 100, 70),
    ("Brasil", "Rio de Janeiro", "Rio de Janeiro", -22.91, -43.17, 200, 45),
    ("Brasil", "Bahia", "Salvador", -12.97, -38.50, 400, 30),
    ("South Korea", "Seoul", "Seoul", 37.57, 126.98, 450, 53),
    ("France", "Île-de-France", "Paris", 48.86, 2.35, 750, 47),
    ("United Kingdom", "England", "London", 51.51, -0.13, 110, 46),
    ("Germany", "Bayern", "München", 48.14, 11.58, 803, 42),
    ("Spain", "Comunidad de Madrid", "Madrid", 40.42, -3.70, 280, 40),
    ("Japan", "Tokyo", "Tokyo", 35.68, 139.69, 100, 25),
    ("Australia", "Victoria", "Melbourne", -37.81, 144.96, 300, 21),
    ("Belgium", "Bruxelles", "Bruxelles", 50.85, 4.35, 100, 12),
    ("Poland", "Mazowieckie", "Warszawa", 52.23, 21.01, 100, 3),
    ("Colombia", "Bogotá", "Bogotá", 4.71, -74.07, 110, 1),
)

# Department, category, singular noun, weight, typical price, spread of its
# logarithm, cost as a share of the price.
GOODS = (
    ("Men", "Accessories", "Belt", 8, 26.0, 0.95, 0.40),
    ("Men", "Active", "Track Top", 8, 36.0, 0.70, 0.42),
    ("Men", "Fashion Hoodies & Sweatshirts", "Hoodie", 10, 52.0, 0.50, 0.55),
    ("Men", "Jeans", "Jeans", 11, 80.0, 0.65, 0.53),
    ("Men", "Outerwear & Coats", "Coat", 8, 112.0, 0.75, 0.44),
    ("Men", "Pants", "Chinos", 10, 50.0, 0.60, 0.46),
    ("Men", "Shorts", "Shorts", 9, 43.0, 0.50, 0.50),
    ("Men", "Sleep & Lounge", "Robe", 9, 40.0, 0.65, 0.40),
    ("Men", "Socks", "Crew Socks", 9, 16.0, 0.50, 0.60),
    ("Men", "Suits & Sport Coats", "Sport Coat", 7, 92.0, 0.85, 0.40),
    ("Men", "Sweaters", "Sweater", 10, 62.0, 0.65, 0.50),
    ("Men", "Swim", "Swim Trunks", 9, 46.0, 0.45, 0.60),
    ("Men", "Tops & Tees", "Tee", 11, 35.0, 0.55, 0.56),
    ("Men", "Underwear", "Boxer Briefs", 11, 25.0, 0.40, 0.47),
    ("Women", "Accessories", "Scarf", 7, 25.0, 1.05, 0.40),
    ("Women", "Active", "Sports Bra", 7, 36.0, 0.80, 0.42),
    ("Women", "Blazers & Jackets", "Blazer", 6, 55.0, 1.05, 0.38),
    ("Women", "Clothing Sets", "Two-Piece Set", 1, 74.0, 0.55, 0.62),
    ("Women", "Dresses", "Dress", 10, 56.0, 0.95, 0.45),
    ("Women", "Fashion Hoodies & Sweatshirts", "Hoodie", 9, 43.0, 0.55, 0.47),
    ("Women", "Intimates", "Bralette", 23, 27.0, 0.70, 0.53),
    ("Women", "Jeans", "Jeans", 9, 76.0, 0.65, 0.54),
    ("Women", "Jumpsuits & Rompers", "Jumpsuit", 2, 28.0, 0.90, 0.53),
    ("Women", "Leggings", "Leggings", 6, 19.0, 0.75, 0.60),
    ("Women", "Maternity", "Maternity Top", 9, 41.0, 0.65, 0.44),
    ("Women", "Outerwear & Coats", "Coat", 6, 105.0, 0.75, 0.45),
    ("Women", "Pants & Capris", "Capris", 6, 45.0, 0.70, 0.53),
    ("Women", "Plus", "Plus Tunic", 8, 25.0, 0.90, 0.50),
    ("Women", "Shorts", "Shorts", 8, 32.0, 0.70, 0.50),
    ("Women", "Skirts", "Skirt", 4, 37.0, 0.75, 0.40),
    ("Women", "Sleep & Lounge", "Pajama Set", 8, 39.0, 0.65, 0.60),
    ("Women", "Socks & Hosiery", "Tights", 7, 14.5, 0.50, 0.40),
    ("Women", "Suits", "Pantsuit", 2, 102.0, 0.55, 0.60),
    ("Women", "Sweaters", "Cardigan", 7, 53.0, 0.75, 0.45),
    ("Women", "Swim", "Swimsuit", 9, 54.0, 0.65, 0.42),
    ("Women", "Tops & Tees", "Blouse", 8, 30.0, 0.75, 0.56),
)

# 53 and 52 have no common divisor, so stepping through both lists at once
# gives 53 * 52 = 2,756 different brand names: theLook's number of brands.
BRAND_FIRST = (
    "Amber",
    "Alder",
    "Aspen",
    "Birch",
    "Bramble",
    "Bright",
    "Cedar",
    "Cobalt",
    "Copper",
    "Coral",
    "Crimson",
    "Dapple",
    "Dune",
    "Ember",
    "Fable",
    "Fennel",
    "Fern",
    "Flint",
    "Frost",
    "Gilded",
    "Golden",
    "Harbor",
    "Hazel",
    "Heather",
    "Hollow",
    "Indigo",
    "Iron",
    "Ivory",
    "Juniper",
    "Kindred",
    "Lark",
    "Linden",
    "Lunar",
    "Maple",
    "Meadow",
    "Misty",
    "Moss",
    "Noble",
    "Ochre",
    "Olive",
    "Opal",
    "Pebble",
    "Quiet",
    "Raven",
    "River",
    "Saffron",
    "Sage",
    "Silver",
    "Slate",
    "Thistle",
    "Velvet",
    "Willow",
    "Winter",
)
BRAND_SECOND = (
    "& Ash",
    "& Bloom",
    "& Crow",
    "& Daughters",
    "& Finch",
    "& Grove",
    "& Hart",
    "& Loom",
    "& Oak",
    "& Pine",
    "& Reed",
    "& Thread",
    "& Wren",
    "Anchor",
    "Atelier",
    "Basin",
    "Canyon",
    "Clothiers",
    "Coast",
    "Collective",
    "Co.",
    "Cottage",
    "Cove",
    "Creek",
    "Crossing",
    "Denim",
    "Fields",
    "Forge",
    "Garden",
    "Gate",
    "Goods",
    "Hall",
    "Harvest",
    "Hill",
    "House",
    "Island",
    "Knit",
    "Lane",
    "Ledge",
    "Mercantile",
    "Mills",
    "Outfitters",
    "Quarter",
    "Row",
    "Society",
    "Stitch",
    "Studio",
    "Supply",
    "Tailors",
    "Trail",
    "Weavers",
    "Works",
)
STYLES = (
    "Classic",
    "Slim",
    "Relaxed",
    "Cotton",
    "Linen",
    "Wool",
    "Ribbed",
    "Striped",
    "Washed",
    "Vintage",
    "Everyday",
    "Soft",
    "Stretch",
    "Quilted",
    "Printed",
    "Fitted",
    "Brushed",
    "Pleated",
    "Cropped",
    "Lightweight",
)
FIRST_NAMES_F = (
    "Ada",
    "Bella",
    "Carla",
    "Dana",
    "Elena",
    "Fiona",
    "Grace",
    "Hana",
    "Iris",
    "Julia",
    "Keiko",
    "Lena",
    "Maria",
    "Nadia",
    "Olga",
    "Paula",
    "Rosa",
    "Sofia",
    "Tina",
    "Uma",
    "Vera",
    "Wendy",
    "Yara",
    "Zoe",
)
FIRST_NAMES_M = (
    "Adam",
    "Bruno",
    "Carlos",
    "David",
    "Emil",
    "Felix",
    "George",
    "Hugo",
    "Ivan",
    "Jonas",
    "Kenji",
    "Liam",
    "Marco",
    "Noah",
    "Oscar",
    "Pedro",
    "Quinn",
    "Rafael",
    "Simon",
    "Thomas",
    "Victor",
    "Walter",
    "Yusuf",
    "Zeno",
)
LAST_NAMES = (
    "Abbot",
    "Baker",
    "Carter",
    "Draper",
    "Elder",
    "Fisher",
    "Glover",
    "Hooper",
    "Innes",
    "Joyner",
    "Keeler",
    "Lister",
    "Mercer",
    "Naylor",
    "Osler",
    "Porter",
    "Quiller",
    "Roper",
    "Sawyer",
    "Tanner",
    "Usher",
    "Vintner",
    "Weaver",
    "Young",
    "Archer",
    "Butler",
    "Chandler",
    "Dyer",
    "Fletcher",
    "Gardner",
)
STREETS = (
    "Example Street",
    "Sample Avenue",
    "Fixture Lane",
    "Placeholder Road",
    "Specimen Way",
    "Demo Boulevard",
    "Mockup Drive",
    "Template Court",
)
