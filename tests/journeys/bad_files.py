"""Results files for a proportion in two groups: each has one fault, and the words it is told in."""

BAD_FILES: dict[str, tuple[bytes, list[str]]] = {
    "a word for a number": (
        b"arm,period,events,n\ntreatment,after,412,1120\ncomparison,after,many,1135\n",
        ["Line 3", "events"],
    ),
    "more events than units": (
        b"arm,period,events,n\ntreatment,after,1121,1120\ncomparison,after,349,1135\n",
        ["Line 2", "1121 events are more than n"],
    ),
    "an arm that there is not": (
        b"arm,period,events,n\ntreatment,after,412,1120\nplacebo,after,349,1135\n",
        ["Line 3", "placebo"],
    ),
    "the same cell twice": (
        b"arm,period,events,n\ntreatment,after,412,1120\ntreatment,after,349,1135\n",
        ["Line 3", "given twice"],
    ),
    "a column of another KPI": (
        b"arm,period,events,exposure\ntreatment,after,412,1120\ncomparison,after,349,1135\n",
        ["Line 1", "exposure"],
    ),
    "too many values in a row": (
        b"arm,period,events,n\ntreatment,after,412,1120\ncomparison,after,349,1135,7\n",
        ["Line 3", "5 values for 4 columns"],
    ),
    "an open quotation mark": (
        b'arm,period,events,n\ntreatment,after,412,1120\n"comparison,after,349,1135\n',
        ["Line 3", "quotation mark is open"],
    ),
    "text that is not UTF-8": (
        b"arm,period,events,n\ntreatment,after,412,1120\ncomparison,\xff\xfe,349,1135\n",
        ["Line 3", "UTF-8"],
    ),
    "a workbook": (b"PK\x03\x04" + bytes(200), ["workbook"]),
    "too many rows": (
        b"arm,period,events,n\n" + b"treatment,after,412,1120\n" * 1_001,
        ["Line 1002", "more than 1,000 rows"],
    ),
}
