"""A pool: the call for quotes is a tender, the quote accepted an award, a call-off a contract."""

from typing import Any

from innohub.open_data.items import METHODS, code_of, item, main_category
from innohub.open_data.words import Facts, Parties, moment, pounds, reference, without_nothing

STATUS = {
    "QUOTING": "active",
    "COMMITTING": "active",
    "AWARDED": "complete",
    "CALLING_OFF": "complete",
    "CLOSED": "complete",
    "FAILED": "unsuccessful",
}


def told(pool: Facts | None, base_url: str, prefix: str) -> dict[str, Any] | None:
    """The release's sections; None for a pool that is not public yet."""
    if pool is None or pool["state"] not in STATUS:
        return None
    parties = Parties(base_url)
    award = pool["award"] if pool["award"] and pool["award"]["awardedAt"] else None
    supplier = award["quote"]["supplier"] if award else None
    for role in ("supplier", "payee"):
        parties.add(supplier, role)
    for share in award["shares"] if award else []:
        parties.add(share["force"], "buyer")
    call_offs = pool["callOffs"]["nodes"]
    for call_off in call_offs:
        parties.add(call_off["force"], "buyer")
        parties.add(call_off["force"], "payer")
    return without_nothing(
        {
            "parties": parties.all,
            "tender": _tender(pool, award, base_url),
            "awards": [_award(pool, award)] if award else [],
            "contracts": [_contract(pool, award, one) for one in call_offs] if award else [],
            "relatedProcesses": _related(pool, base_url, prefix),
            "demonstration": pool["demonstration"] or None,
        }
    )


def _code(pool: Facts, award: Facts | None) -> str:
    technology = award["quote"]["technology"] if award else pool["technology"]
    return code_of(technology)


def _tender(pool: Facts, award: Facts | None, base_url: str) -> dict[str, Any]:
    code = _code(pool, award)
    method = METHODS.get(award["route"]) if award else None
    return without_nothing(
        {
            "id": f"pool-{pool['number']}",
            "title": pool["title"],
            "description": pool["specification"],
            "status": STATUS[pool["state"]],
            "items": [item(code, pool["title"], pool["minimumQuantity"], pool["unit"], None)],
            "procurementMethod": method,
            "procurementMethodDetails": f"{award['routeLabel']}: {award['routeReference']}"
            if award
            else None,
            "mainProcurementCategory": main_category(code),
            "submissionMethodDetails": f"Quotes by invitation at {base_url}/pools/{pool['number']}",
            "tenderPeriod": without_nothing({"endDate": moment(pool["quotesBy"])}),
            "awardPeriod": without_nothing({"endDate": moment(pool["commitBy"])}),
            "numberOfTenderers": pool["quoteCount"] if award else None,
        }
    )


def _award(pool: Facts, award: Facts) -> dict[str, Any]:
    quote = award["quote"]
    return without_nothing(
        {
            "id": f"pool-{pool['number']}-award",
            "title": pool["title"],
            "description": award["reason"],
            "status": "active",
            "date": moment(award["awardedAt"]),
            "value": pounds(award["totalPence"]),
            "suppliers": [reference(quote["supplier"])],
            "items": [
                item(
                    _code(pool, award),
                    quote["technology"]["name"] if quote["technology"] else pool["title"],
                    award["quantity"],
                    pool["unit"],
                    award["unitPricePence"],
                )
            ],
            "contractPeriod": without_nothing(
                {
                    "startDate": moment(award["awardedAt"]),
                    "endDate": moment(award["callOffUntil"]),
                }
            ),
        }
    )


def _contract(pool: Facts, award: Facts, call_off: Facts) -> dict[str, Any]:
    here = f"pool-{pool['number']}-call-off-{call_off['number']}"
    return without_nothing(
        {
            "id": here,
            "awardID": f"pool-{pool['number']}-award",
            "title": f"{pool['title']}: {call_off['force']['name']}",
            "status": "active",
            "period": without_nothing(
                {
                    "startDate": moment(call_off["orderedOn"]),
                    "endDate": moment(award["callOffUntil"]),
                }
            ),
            "value": pounds(call_off["duePence"] + call_off["oncePence"]),
            "items": [
                item(_code(pool, award), pool["title"], call_off["quantity"], pool["unit"], None)
            ],
            "dateSigned": moment(call_off["orderedOn"]),
            "implementation": _paid(award, call_off, here),
        }
    )


def _paid(award: Facts, call_off: Facts, here: str) -> dict[str, Any] | None:
    """The price actually paid, once the force says."""
    if call_off["paidPence"] is None:
        return None
    transaction = {
        "id": f"{here}-paid",
        "date": moment(call_off["paidRecordedAt"]),
        "value": pounds(call_off["paidPence"]),
        "payer": reference(call_off["force"]),
        "payee": reference(award["quote"]["supplier"]),
    }
    return {"transactions": [without_nothing(transaction)]}


def _related(pool: Facts, base_url: str, prefix: str) -> list[dict[str, Any]]:
    challenge = pool["challenge"]
    if challenge is None or challenge["publishedAt"] is None:
        return []
    ocid = f"{prefix}-challenge-{challenge['number']}"
    related = {
        "id": "1",
        "relationship": ["planning"],
        "title": challenge["title"],
        "scheme": "ocid",
        "identifier": ocid,
        "uri": f"{base_url}/open-data/ocds/processes/{ocid}.json",
    }
    return [related]
