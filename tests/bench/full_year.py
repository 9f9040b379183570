"""A year of 200 units on PostgreSQL: a million activity reports, frozen in accepted submissions.

Rows are made in the database, as wide and as mixed as those that portals send. A unit works on 6
of 15 items with 3 indicators each, on 5 of the 18 channels and in 4 of the formats, all year, in
four languages and on every theme; another unit on others. They are departments and communes, and
only where these are too few a district, which would report for its communes. A hundred
activities are joint. Reports of all units stand in the order of their days, so what one unit
submits is scattered over the tables. Foreign keys are not checked while it is filled.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Engine, create_engine, make_url, text

from app.db import make_engine, unit_of_work
from app.domain.access.service import create_key
from app.domain.principal import Scope
from tests.bench.measured import say
from tests.support.makers import FOCAL_UNIT, PLAN

UNITS: Final = 200
BLOCK: Final = 100_000
AT: Final = datetime(2021, 11, 22, 1, 0, tzinfo=UTC)

_ID: Final = (
    "(lpad(to_hex(1609459200000 + n * 27000), 12, '0') || '70008' "
    "|| substr(md5('{}' || n), 1, 15))::uuid"
)
_ROSTER: Final = """
CREATE TEMPORARY TABLE part AS
WITH cycle AS (SELECT id FROM reporting_cycle WHERE plan_slug = :plan AND code = '2021'),
on_roster AS (
    SELECT r.unit_key, r.id AS row_id FROM roster_row r JOIN cycle ON cycle.id = r.cycle_id
), communes AS (
    SELECT v.unit_key, NULL::int AS row_id FROM unit_version v
    WHERE v.level = 'commune' AND v.superseded_at IS NULL
      AND coalesce(v.valid_from, '2021-01-01') <= '2021-01-01'
      AND (v.valid_to IS NULL OR v.valid_to > '2022-01-01')
)
SELECT row_number() OVER (ORDER BY district, row_id NULLS LAST, unit_key) - 1 AS place, unit_key,
       row_id, gen_random_uuid() AS submission, gen_random_uuid() AS revision
FROM (SELECT *, unit_key IN (SELECT unit_key FROM unit_version WHERE level = 'district') AS district
      FROM (SELECT * FROM on_roster UNION ALL SELECT * FROM communes) every) found
ORDER BY district, row_id NULLS LAST, unit_key LIMIT :units
"""
_FURTHER_ROWS: Final = """
WITH cycle AS (SELECT id FROM reporting_cycle WHERE plan_slug = :plan AND code = '2021'),
like_row AS (
    SELECT v.* FROM roster_row_version v JOIN roster_row r ON r.id = v.roster_row_id
    JOIN cycle ON cycle.id = r.cycle_id WHERE v.basis = 'ordered' ORDER BY v.id LIMIT 1
), added AS (
    INSERT INTO roster_row (cycle_id, unit_key)
    SELECT cycle.id, part.unit_key FROM part, cycle WHERE part.row_id IS NULL
    RETURNING id, unit_key
), given AS (
    UPDATE part SET row_id = added.id FROM added WHERE added.unit_key = part.unit_key
)
INSERT INTO roster_row_version (roster_row_id, basis, reason, covers_from, covers_to, due_at, actor,
                                provenance, closing, recorded_at)
SELECT added.id, v.basis, v.reason, v.covers_from, v.covers_to, v.due_at, v.actor, v.provenance,
       v.closing, v.recorded_at
FROM added, like_row v
"""
_SUBMISSIONS: Final = (
    """
INSERT INTO submission (id, roster_row_id, number, created_at, submitted_number)
SELECT submission, row_id, 1, :at, 1 FROM part
""",
    """
INSERT INTO submission_revision (id, submission_id, number, state, content, narrative, drafted_at,
    drafted_by, data_to, document_number, document_on, signer_title, received_at, submitted_by,
    filed_by, filed_as, kind, sha256, accepted_at, accepted_by)
SELECT revision, submission, 1, 'accepted', 'report',
       jsonb_build_object('results',
                          repeat('Đã triển khai đầy đủ các nội dung của Kế hoạch. ', 40)),
       :at, :key, '2021-11-20', place || '/BC-UBND', '2021-11-21', 'Phó Chủ tịch', :at, :key,
       unit_key, 'self', 'report', repeat('0', 64), :at, :key
FROM part
""",
)
# Items with the indicators that fit them, and lists of codes to choose from.
_LISTS: Final = """
CREATE TEMPORARY TABLE lists AS
SELECT (SELECT array_agg(unit_key ORDER BY place) FROM part) AS units,
       (SELECT array_agg(revision ORDER BY place) FROM part) AS submissions,
       (SELECT array_agg(code ORDER BY code) FROM code_entry
        WHERE list = 'channel' AND superseded_at IS NULL) AS channels,
       (SELECT array_agg(code ORDER BY code) FROM code_entry
        WHERE list = 'format' AND superseded_at IS NULL) AS formats,
       (SELECT array_agg(code ORDER BY code) FROM content_theme) AS themes,
       (SELECT array_agg(code || found.fitting ORDER BY code)
        FROM (SELECT p.code, string_agg(' ' || i.indicator_code, '' ORDER BY i.ordinal) AS fitting
              FROM plan_item p JOIN indicator_version i ON i.items LIKE '% ' || p.code || ' %'
              WHERE p.plan_slug = :plan AND i.superseded_at IS NULL
              GROUP BY p.code HAVING count(*) > 2 ORDER BY p.code LIMIT 15) found) AS items
"""
_MADE: Final = f"""
CREATE TEMPORARY TABLE made AS
SELECT n, {_ID.format("report")} AS report, {_ID.format("revision")} AS revision,
       lists.units[1 + n % :units] AS unit, lists.submissions[1 + n % :units] AS submission,
       '2021-01-01'::date + (n * 320 / :many)::int AS day,
       CASE WHEN random() < 0.05 THEN 3 ELSE 0 END AS lasted,
       string_to_array(lists.items[1 + (n % :units * 4 + floor(random() ^ 2 * 6)::int)
                                       % array_length(items, 1)], ' ') AS item,
       n % :units + floor(random() * 3)::int AS first, 1 + floor(random() * 2)::int AS step,
       lists.channels[1 + (n % :units * 5 + floor(random() ^ 2 * 5)::int)
                          % array_length(channels, 1)] AS channel,
       CASE WHEN random() < 0.95
            THEN lists.formats[1 + (n % :units * 3 + floor(random() * 4)::int)
                                   % array_length(formats, 1)] END AS format,
       (ARRAY[' vi ', ' vi ', ' vi ', ' vi ', ' hre vi ', ' cua vi ', ' hre ', ' ']
       )[1 + floor(random() * 8)] AS languages,
       lists.themes[1 + floor(random() * array_length(themes, 1))] AS theme,
       random() < 0.1 AS folded
FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n, lists
"""  # noqa: S608 # made of constants
_BLOCK: Final = (
    """
INSERT INTO activity_report
    (id, unit_key, source_system, external_id, plan_slug, number, occurred_on)
SELECT report, unit, 'portal', 'r-' || n, :plan, 1, day FROM made
""",
    """
INSERT INTO activity_revision (id, report_id, number, plan_slug, item_code, themes, occurred_on,
    ended_on, occurrences, channel, format, title, languages, integrated, participants, evidence,
    outside_assignment, theme_outside_phase, body_sha256, received_at, received_by)
SELECT revision, report, 1, :plan, item[1], ' ' || theme || ' ', day, day + lasted,
       CASE lasted WHEN 0 THEN 1 ELSE 5 END, channel, format,
       'Đăng tin về Nghị quyết Đại hội Đảng bộ tỉnh lần thứ XX', languages, folded, ' ',
       jsonb_build_array(jsonb_build_object('url', 'https://quangngai.gov.vn/tin/' || n)),
       false, false, md5(n::text) || md5(n::text), :at, :key
FROM made
""",
    """
INSERT INTO activity_measure (revision_id, indicator_code, origin, amount)
SELECT revision, item[2 + (first + step * number) % least(3, array_length(item, 1) - 1)],
       'original', n % (CASE number WHEN 0 THEN 9 ELSE 9000 END)
FROM made, generate_series(0, 1) number
ON CONFLICT DO NOTHING
""",
    """
INSERT INTO activity_expenditure (revision_id, source, amount)
SELECT revision, 'state_budget_district', n * 1000 FROM made WHERE n % 10 = 3
""",
    """
INSERT INTO frozen_activity (submission_revision_id, activity_revision_id)
SELECT submission, revision FROM made
""",
    "INSERT INTO activity_change (seq, revision_id) SELECT n, revision FROM made",
    """
INSERT INTO joint_link (link_id, first_report_id, second_report_id, state, claimed_by, unit_key,
                        decided_by, recorded_at)
SELECT gen_random_uuid(), one.report, two.report, 'confirmed', one.unit, two.unit, :key, :at
FROM made one JOIN made two ON two.n = one.n + 1 WHERE one.n % (:many / 100) = 5
""",
    "DROP TABLE made",
)


# What `rollups` and `resubmit` are measured against: the floor of the issue that set the targets.
GROUPING: Final = """
CREATE TEMPORARY TABLE grouped ON COMMIT DROP AS
SELECT a.unit_key, r.item_code, m.indicator_code, r.channel, r.format, r.languages,
       date_trunc('month', r.occurred_on) AS month, sum(m.amount) AS amount, count(*) AS number
FROM frozen_activity f
JOIN activity_revision r ON r.id = f.activity_revision_id
JOIN activity_report a ON a.id = r.report_id
JOIN activity_measure m ON m.revision_id = r.id
{}
GROUP BY a.unit_key, r.item_code, m.indicator_code, r.channel, r.format, r.languages,
         date_trunc('month', r.occurred_on)
"""
_FILLED: Final[dict[tuple[str, int], "FullYear"]] = {}


@dataclass(frozen=True)
class FullYear:
    """A filled database: the focal unit's key, the submission revisions, an engine."""

    many: int
    url: str
    secret: str
    revisions: tuple[UUID, ...]

    @cached_property
    def engine(self) -> Engine:
        """An engine of the database."""
        return make_engine(self.url)

    def forget_rollups(self) -> None:
        """Make the database one in which nothing was added up yet."""
        with unit_of_work(self.engine) as session:
            session.connection().execute(text("DELETE FROM rollup"))
        settle(self.engine, "rollup")


def full_year(url: str, *, many: int) -> FullYear | None:
    """Return a filled database on the server of `url`, made once in a run; None on SQLite.

    A million reports are PostgreSQL's business: SQLite is for a unit's own machine.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "postgresql":
        say("a full year: on PostgreSQL only")
        return None
    place = (f"{parsed.host}:{parsed.port}", many)
    if place not in _FILLED:
        name = f"full_year_{many}"
        admin = create_engine(parsed.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE loaded"))
        admin.dispose()
        filled = parsed.set(database=name).render_as_string(hide_password=False)
        _FILLED[place] = fill(filled, many=many)
    return _FILLED[place]


def fill(url: str, *, many: int) -> FullYear:
    """Fill a loaded PostgreSQL database with so many activity reports of UNITS units."""
    engine = make_engine(url)
    key, secret = _key(engine)
    told: dict[str, Any] = {"plan": PLAN, "at": AT, "key": key, "units": UNITS, "many": many}
    with engine.connect() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text("SELECT setseed(0.5)"))
        for statement in (_ROSTER, _FURTHER_ROWS, *_SUBMISSIONS, _LISTS):
            connection.execute(text(statement), told)
        for first in range(0, many, BLOCK):
            last = min(first + BLOCK, many) - 1
            for statement in (_MADE, *_BLOCK):
                connection.execute(text(statement), {**told, "first": first, "last": last})
            say(f"filling: {last + 1} of {many} activity reports")
        rows = connection.execute(text("SELECT revision FROM part ORDER BY revision"))
        revisions = tuple(row.revision for row in rows)
        connection.commit()
    if len(revisions) != UNITS:
        raise RuntimeError(f"{len(revisions)} units on the roster, not {UNITS}")
    settle(engine)
    engine.dispose()
    return FullYear(many, url, secret, revisions)


def settle(engine: Engine, table: str = "") -> None:
    """Let the database put itself in order, so that it does not while somebody measures."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"VACUUM ANALYZE {table}"))
        connection.execute(text("CHECKPOINT"))


def _key(engine: Engine) -> tuple[UUID, str]:
    with unit_of_work(engine) as session:
        key, secret = create_key(
            session,
            unit=FOCAL_UNIT,
            scopes=tuple(Scope),
            label="bench",
            at=AT - timedelta(days=300),
            expires_at=AT + timedelta(days=300),
        )
        return key.id, secret
