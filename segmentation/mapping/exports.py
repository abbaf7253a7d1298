"""The exports that are known: their columns, what each is to the shop, and what none can tell."""

import re
from dataclasses import dataclass, field

NUMBERS = (
    *("quantity_text", "price_text", "amount_text", "refunded_text", "cost_text", "total_text"),
    *("subtotal_text", "line_discount_text", "discount_text", "discount_refunded_text"),
    *("converted_text", "converted_refunded_text", "canceled_text", "refunded_quantity_text"),
    *("order_refunded_text",),
)
"""Roles whose values are numbers; `date_text` holds times, all others hold texts."""
NO_PRODUCTS = "products, brands and categories: customers alone are segmented"
NO_COSTS = "costs: margins are 0, and every item counts as one without cost"
NO_PEOPLE = "age, gender and channel of a customer, and customers who never bought"
TAKEN_AS_GIVEN = "whether the same line twice is a copy: both are kept"


@dataclass(frozen=True)
class Export:
    """A kind of file, or of two files.

    Attributes
    ----------
    title : str
        What it is called in sentences.
    table : str
        What its lines are called in `data_quality`.
    columns : dict of str to tuple of str
        Names of its columns by role, the first that is there counts.
    required : tuple of str
        Roles without which it is not that export.
    signature : tuple of str
        Roles whose columns have names that no other export has.
    cannot_tell : tuple of str
        What is not in it.
    orders : Export or None
        The file of orders beside that of items.
    """

    title: str
    table: str
    columns: dict[str, tuple[str, ...]]
    required: tuple[str, ...]
    signature: tuple[str, ...] = ()
    cannot_tell: tuple[str, ...] = ()
    orders: "Export | None" = field(default=None)


SHOPIFY = Export(
    title="the orders export of Shopify",
    table="shopify",
    columns={
        "order_number": ("Name",),
        "email": ("Email",),
        "date_text": ("Created at",),
        "status_text": ("Financial Status",),
        "cancelled_text": ("Cancelled at",),
        "currency_text": ("Currency",),
        "subtotal_text": ("Subtotal",),
        "total_text": ("Total",),
        "refunded_text": ("Refunded Amount",),
        "country_text": ("Shipping Country", "Billing Country"),
        "sku": ("Lineitem sku",),
        "product_name": ("Lineitem name",),
        "brand": ("Vendor",),
        "quantity_text": ("Lineitem quantity",),
        "price_text": ("Lineitem price",),
        "line_discount_text": ("Lineitem discount",),
    },
    required=("order_number", "email", "date_text", "quantity_text", "price_text", "subtotal_text"),
    signature=("quantity_text", "price_text"),
    cannot_tell=(
        "which line a refund is about, and when it was: each line bears the same part, and only an "
        "order that was refunded whole counts as returned",
        "who a customer is but by the e-mail address, of which a hash is kept",
        "categories",
        NO_COSTS,
        NO_PEOPLE,
    ),
)
WOOCOMMERCE = Export(
    title="the orders export of WooCommerce with a row per item",
    table="woocommerce",
    columns={
        "order_number": ("order_id", "order_number"),
        "customer_id": ("customer_id", "customer_user"),
        "email": ("billing_email", "customer_email"),
        "date_text": ("date", "order_date"),
        "status": ("status", "order_status"),
        "currency": ("order_currency", "currency"),
        "country": ("billing_country", "shipping_country"),
        "product_id": ("item_product_id", "product_id"),
        "sku": ("item_sku", "sku"),
        "product_name": ("item_name",),
        "quantity_text": ("item_quantity",),
        "amount_text": ("item_total",),
        "refunded_text": ("item_refunded",),
        "refunded_quantity_text": ("item_refunded_qty",),
        "order_refunded_text": ("refunded_total",),
        "total_text": ("order_total",),
    },
    required=("order_number", "date_text", "quantity_text", "amount_text", "email"),
    signature=("quantity_text", "amount_text"),
    cannot_tell=(
        "when something was refunded: it counts from the day of the order",
        "which item a refund is about that names none: each bears the same part",
        "brands and categories",
        NO_COSTS,
        NO_PEOPLE,
    ),
)
MAGENTO = Export(
    title="the tables sales_order and sales_order_item of Magento",
    table="magento",
    columns={
        "order_number": ("order_id",),
        "parent_id": ("parent_item_id",),
        "product_id": ("product_id",),
        "product_name": ("name",),
        "quantity_text": ("qty_ordered",),
        "canceled_text": ("qty_canceled",),
        "refunded_quantity_text": ("qty_refunded",),
        "amount_text": ("base_row_total", "row_total"),
        "discount_text": ("base_discount_amount", "discount_amount"),
        "refunded_text": ("base_amount_refunded", "amount_refunded"),
        "discount_refunded_text": ("base_discount_refunded", "discount_refunded"),
        "cost_text": ("base_cost",),
    },
    required=("order_number", "parent_id", "quantity_text", "amount_text"),
    signature=("quantity_text", "parent_id"),
    cannot_tell=(
        "when something was refunded: it counts from the day of the order",
        "brands and categories, which are attributes of products",
        "countries, which stand in sales_order_address",
        NO_PEOPLE,
    ),
    orders=Export(
        title="the table sales_order of Magento",
        table="magento orders",
        columns={
            "order_id": ("entity_id",),
            "customer_id": ("customer_id",),
            "email": ("customer_email",),
            "status": ("status", "state"),
            "currency": ("base_currency_code", "order_currency_code"),
            "date_text": ("created_at",),
        },
        required=("order_id", "customer_id", "date_text", "status"),
        signature=("order_id",),
    ),
)
STRIPE = Export(
    title="the payments export of Stripe",
    table="stripe",
    columns={
        "order_number": ("id",),
        "customer_id": ("Customer ID",),
        "email": ("Customer Email",),
        "date_text": ("Created date (UTC)", "Created (UTC)", "Created"),
        "status": ("Status",),
        "captured": ("Captured",),
        "country": ("Card Address Country", "Card Issue Country"),
        "currency": ("Currency",),
        "amount_text": ("Amount",),
        "refunded_text": ("Amount Refunded",),
        "converted_text": ("Converted Amount",),
        "converted_refunded_text": ("Converted Amount Refunded",),
        "converted_currency": ("Converted Currency",),
    },
    required=("order_number", "customer_id", "date_text", "status", "amount_text"),
    signature=("refunded_text", "customer_id"),
    cannot_tell=(
        "what was bought, and in how many pieces: a payment is one item",
        NO_PRODUCTS,
        "tax and shipping, which are part of the amount",
        "disputes that were lost, and when something was refunded",
        NO_COSTS,
        NO_PEOPLE,
    ),
)
PURCHASES = Export(
    title="a table of purchases, as invoices are",
    table="purchases",
    columns={
        "order_number": (
            *("invoice", "invoiceno", "invoicenumber", "invoiceid", "order", "orderid", "orderno"),
            *("ordernumber", "transaction", "transactionid", "receipt", "receiptid", "receiptno"),
            *("basketid", "documentno", "bill", "billno", "rechnung", "rechnungsnr"),
            *("rechnungsnummer", "belegnr", "belegnummer", "bestellnummer", "facture", "factura"),
        ),
        "customer_id": (
            *("customer", "customerid", "customerno", "customernumber", "customercode", "client"),
            *("clientid", "userid", "user", "memberid", "member", "accountid", "buyerid"),
            *("householdid", "household", "householdkey", "kunde", "kundennr", "kundennummer"),
            *("customeremail", "email", "customername"),
        ),
        "date_text": (
            *("invoicedate", "orderdate", "date", "purchasedate", "transactiondate", "createdat"),
            *("orderedat", "datetime", "timestamp", "day", "datum", "rechnungsdatum", "fecha"),
        ),
        "product_id": (
            *("article", "articleid", "articleno", "articlenumber", "stockcode", "productid"),
            *("productcode", "product", "sku", "itemid", "itemcode", "item", "ean", "artikel"),
            *("artikelnr", "artikelnummer"),
        ),
        "product_name": (
            *("description", "productname", "itemname", "articlename", "name", "title"),
            *("productdescription", "beschreibung", "bezeichnung"),
        ),
        "quantity_text": (
            *("quantity", "qty", "units", "pieces", "quantityordered", "numberofitems", "menge"),
            *("anzahl", "numberofcds"),
        ),
        "price_text": (
            *("unitprice", "price", "priceeach", "priceperunit", "saleprice", "itemprice"),
            *("einzelpreis", "preis", "stueckpreis"),
        ),
        "amount_text": (
            *("amount", "linetotal", "lineamount", "netamount", "revenue", "sales", "salesvalue"),
            *("total", "totalprice", "value", "dollarvalue", "betrag", "umsatz", "spend"),
        ),
        "brand": ("brand", "vendor", "manufacturer", "marke"),
        "category": ("category", "productline", "productcategory", "department", "kategorie"),
        "country": ("country", "shippingcountry", "billingcountry", "land"),
        "currency": ("currency", "currencycode", "waehrung"),
        "status": ("status", "orderstatus", "state"),
        "refunded_text": ("refundedamount", "refundamount", "amountrefunded", "refunded"),
        "cost_text": ("cost", "unitcost", "costprice"),
    },
    required=("customer_id", "date_text"),
    cannot_tell=(NO_PEOPLE, TAKEN_AS_GIVEN),
)
EXPORTS = {
    "shopify": SHOPIFY,
    "woocommerce": WOOCOMMERCE,
    "magento": MAGENTO,
    "stripe": STRIPE,
    "purchases": PURCHASES,
}
THELOOK = {
    "users": {"id"},
    "orders": {"orderid", "userid", "createdat"},
    "order_items": {"id", "orderid", "saleprice"},
    "products": {"id"},
    "inventory_items": {"id"},
}
"""The tables that need no map, with the columns that they must have."""


def folded(name: str) -> str:
    """Return a column's name without case, spaces and marks."""
    return re.sub(r"[\W_]", "", name.lower())


def columns_by_role(export: Export, names: list[str]) -> dict[str, str]:
    """Return the column of each role of an export that a file has.

    Parameters
    ----------
    export : Export
    names : list of str
        The file's columns.
    """
    known = {folded(name): name for name in reversed(names)}
    taken: dict[str, str] = {}
    for role, aliases in export.columns.items():
        found = [known[folded(alias)] for alias in aliases if folded(alias) in known]
        free = [name for name in found if name not in taken.values()]
        if free:
            taken[role] = free[0]
    return taken


def export_of(names: list[str]) -> str:
    """Return which export a file with these columns is; purchases where it is none of the known."""
    for name, export in EXPORTS.items():
        found = columns_by_role(export, names)
        if export.signature and {*export.required, *export.signature} <= found.keys():
            return name
    return "purchases"
