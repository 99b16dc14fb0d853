"""The units a price may be stated in. The list is G-Cloud's, with the units policing buys by."""

from enum import StrEnum


class PriceUnit(StrEnum):
    UNIT = "unit"
    PERSON = "person"
    LICENCE = "licence"
    USER = "user"
    DEVICE = "device"
    INSTANCE = "instance"
    SERVER = "server"
    VIRTUAL_MACHINE = "virtual_machine"
    TRANSACTION = "transaction"
    MEGABYTE = "megabyte"
    GIGABYTE = "gigabyte"
    TERABYTE = "terabyte"
    OFFICER = "officer"
    VEHICLE = "vehicle"
    SITE = "site"
    CASE = "case"
    FORCE = "force"
    POPULATION_1000 = "population_1000"


class PriceInterval(StrEnum):
    ONE_OFF = "one_off"
    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    SIX_MONTHS = "six_months"
    YEAR = "year"
