"""The pages, and what of the web comes before them."""

from starlette.convertors import IntegerConvertor, register_url_convertor


class NumberOfARow(IntegerConvertor):
    """`{number:int}` in an address: at most 18 digits, which every bigint holds. A longer one names
    nothing that there could be, and is found by no route: it comes to no database."""

    regex = "[0-9]{1,18}"


register_url_convertor("int", NumberOfARow())
