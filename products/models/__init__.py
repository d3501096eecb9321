from products.models.options import Option, OptionChoice, OptionGroup, OptionPrice
from products.models.products import Price, Product, ProductGroup

__all__ = [
    "Option",
    "OptionChoice",
    "OptionGroup",
    "OptionPrice",
    "Price",
    "Product",
    "ProductGroup",
]
