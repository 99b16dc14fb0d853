"""One running pilot for each type of KPI, and the analyst of its force: as few rows as the path of
trial data needs."""

from datetime import date

import asyncpg

from innohub.db.engine import read_url
from innohub.identity.actor import Actor, ActorKind, Seat
from innohub.identity.models import OrganisationKind, Role
from innohub.identity.permissions import OF_ROLE

from .files import BEGAN_ON, KINDS

FORCE = 1_000
PERSON_ID = 1_000
ANALYST = Actor(
    ActorKind.PERSON,
    "Bench analyst",
    person_id=PERSON_ID,
    seats=(Seat(FORCE, OrganisationKind.FORCE, OF_ROLE[Role.FORCE_ANALYST]),),
)
DESIGN = "difference_in_differences"
PEOPLE = """
    INSERT INTO organisation (id, kind, slug, name, demonstration, created_at)
    OVERRIDING SYSTEM VALUE VALUES ($1, 'force', 'bench', 'Bench', true, now());
"""
PERSON = """
    INSERT INTO person (id, name, email, active, created_at)
    OVERRIDING SYSTEM VALUE VALUES ($1, 'Bench analyst', 'analyst@bench.example', true, now())
"""
PILOT = """
    INSERT INTO pilot (id, technology_id, supplier_id, listing_version_id, force_id, site, title,
        question, kpi, state, start_on, end_on, started_on, demonstration, revision, created_at)
    OVERRIDING SYSTEM VALUE VALUES ($1, 1, 1, 1, $2, 'Bench', 'Bench', 'Does it load?',
        'case_file_quality_pass', 'running', $3, $4, $3, true, 1, now())
"""
PROTOCOL = """
    INSERT INTO protocol (pilot_id, kpi, kpi_type, direction, unit, baseline_value, baseline_source,
        minimum_important_effect, design, sample_size, analysis_plan, stop_rules, result_due_on,
        locked_at, hash, revision, created_at)
    VALUES ($1, 'case_file_quality_pass', $2, 'higher_is_better', 'units', 1, 'Records', 0.1, $3,
        100, 'Plan', 'Rules', $4, now(), 'bench', 1, now())
"""


def pilot_of(kind: str) -> int:
    return list(KINDS).index(kind) + 1_000


async def set_up(url: str) -> None:
    """The rows around what is measured; what they refer to beyond is left out."""
    connection = await asyncpg.connect(read_url(url))
    ends = date(2030, 1, 1)
    try:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(PEOPLE, FORCE)
        await connection.execute(PERSON, PERSON_ID)
        for name, kind in KINDS.items():
            await connection.execute(PILOT, pilot_of(name), FORCE, BEGAN_ON, ends)
            await connection.execute(PROTOCOL, pilot_of(name), kind.kpi_type, DESIGN, ends)
    finally:
        await connection.close()
