"""Task logs as Airflow writes them, with a known error: the same seed gives the same logs on every machine."""

# ruff: noqa: E501 (a log line stands on one line, as it will be written)

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lorewright.core.errors import GenerationError
from lorewright.loganalysis.log_templates import TEMPLATES, LogTemplate

_WORDS = {
    "dag": "etl_orders sync_crm load_billing daily_kpis stock_feed web_events payroll_export churn_model geo_import mail_stats",
    "task": "load extract transform publish check_source merge_staging refresh_view export_file notify archive",
    "db": "warehouse sales crm finance telemetry ops billing",
    "schema": "staging core mart raw dwh reporting",
    "table": "orders customers invoices payments sessions shipments products tickets clicks returns stock_levels contracts",
    "column": "customer_id order_date amount currency email status updated_at country sku quantity",
    "user": "svc_etl svc_report airflow_prod loader analyst_ro batch_user",
    "bucket": "acme-landing acme-archive data-lake-eu exports-prod ml-features",
    "conn": "dwh_main crm_api sftp_partner s3_exports teradata_prod mail_relay",
    "var": "TargetTable LANDING_DIR api_page_size PARTNER_ID report_recipients TdpId",
    "module": "pyarrow_ext acme_hooks geo_tools billing_client xml_reader fastload",
    "name": "db api warehouse broker files crm ftp lake",
    "zone": "prod.example.com eu.example.net dc2.internal corp.example.org",
    "folder": "/data/landing /mnt/exports /var/spool/etl /opt/airflow/dags /srv/share",
}
_START = (
    "INFO|taskinstance.py|Dependencies all met for dep_context=non-requeueable deps ti=<TaskInstance: {dag}.{task} {run} [queued]>",
    "INFO|taskinstance.py|Starting attempt {attempt} of 3",
    "INFO|taskinstance.py|Executing <Task(PythonOperator): {task}> on {run}",
    "INFO|standard_task_runner.py|Started process {pid} to run task",
    "INFO|task_command.py|Running <TaskInstance: {dag}.{task} {run} [running]> on host {worker}",
)
_NOISE = (
    "INFO|logging_mixin.py|Fetched {count} rows in {seconds} s",
    "INFO|base.py|Retrieving connection '{conn}'",
    "INFO|logging_mixin.py|Batch {small} of {gb} done",
    "INFO|sql.py|Running statement: SELECT count(*) FROM {schema}.{table}, parameters: None",
    "WARNING|logging_mixin.py|Column {column} of {table} will be ignored",
    "INFO|python.py|Exporting env vars: AIRFLOW_CTX_DAG_ID='{dag}' AIRFLOW_CTX_TASK_ID='{task}'",
    "INFO|logging_mixin.py|Using temporary folder {path}/tmp{number}",
    "WARNING|logging_mixin.py|Slow response of {host}: {small} s",
    "INFO|logging_mixin.py|Nothing to do for partition {date}",
)
_FRAMES = (
    ("/opt/airflow/plugins/{module}.py", "run_{task}", "    return self.client.submit(request)"),
    ("/opt/airflow/dags/{dag}.py", "{task}_callable", "    loader.write(frame, target)"),
    (
        "/usr/local/lib/python3.11/site-packages/airflow/operators/python.py",
        "execute",
        "    return_value = self.execute_callable()",
    ),
    ("/opt/airflow/include/{table}_job.py", "main", "    job.run()"),
)
_STAMPS = (
    "[{at:%Y-%m-%d, %H:%M:%S} UTC]",
    "[{at:%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}+0000]",
    "[{at:%Y-%m-%d %H:%M:%S},{milliseconds:03d}]",
    "{at:%Y-%m-%dT%H:%M:%S}",
)
_RAISED = re.compile(r"^[\w.]+(?:Error|Exception|Violation|Timeout|Available|Privilege|Canceled|NotFound):")


@dataclass(frozen=True)
class LabelledLog:
    """A task log, the path Airflow would give it, and its label (`path`, `analysis`, `template`)."""

    path: str
    text: str
    label: dict[str, Any]


def synthesize(*, seed: int, templates: int | None = None, per_template: int) -> Iterator[LabelledLog]:
    """Yield labelled logs of 8 to 18 lines, draw by draw through all templates.

    Args:
        seed: What is random follows from it alone.
        templates: How many templates, categories by turns; None takes all.
        per_template: How many logs of each; a log does not depend on how many there are.

    Raises:
        GenerationError: When more templates are asked for than there are.
    """
    if templates is not None and not 1 <= templates <= len(TEMPLATES):
        raise GenerationError(
            f"{templates} log templates were asked for, there are {len(TEMPLATES)}",
            hint=f"ask for 1 to {len(TEMPLATES)} templates",
        )
    for draw in range(per_template):
        for template in TEMPLATES[:templates]:
            yield _log(template, random.Random(f"{seed}/{template.name}/{draw}"))  # noqa: S311


def _log(template: LogTemplate, rng: random.Random) -> LabelledLog:
    values = _values(rng)
    error = template.error.format_map(values)
    lines = [(line, True) for line in _opening(template, values, rng)]
    lines += _failure(error, values, rng)
    lines += [(line, True) for line in _ending(error, values, rng)]
    path = f"dag_id={values['dag']}/run_id={values['run']}/task_id={values['task']}"
    path += f"/attempt={values['attempt']}.log"
    analysis = {"error_message": error, "category": template.category, "severity": template.severity}
    label = {"path": path, "analysis": analysis, "template": template.name}
    return LabelledLog(path, _written(lines, values, rng), label)


def _values(rng: random.Random) -> dict[str, str]:
    values = {name: rng.choice(words.split()) for name, words in _WORDS.items()}
    at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(microseconds=rng.randrange(360 * 86_400 * 10**6))
    return values | {
        "at": at.isoformat(),
        "run": f"manual__{at.isoformat()}",
        "date": f"{at:%Y-%m-%d}",
        "attempt": str(rng.randint(1, 3)),
        "host": f"{values['name']}-{rng.randint(1, 40):02d}.{values['zone']}",
        "worker": f"airflow-worker-{rng.randint(0, 9)}",
        "path": f"{values['folder']}/{rng.choice(['in', 'out', 'daily', 'eu', 'v2'])}",
        "pod": f"{values['dag'].replace('_', '-')}-{rng.getrandbits(28):07x}",
        "pid": str(rng.randint(40, 99_999)),
        "port": str(rng.choice([5432, 1521, 3306, 9092, 1025, 8443])),
        "count": str(rng.randint(10_000, 9_999_999)),
        "number": str(rng.randint(1_000, 99_999)),
        "small": str(rng.randint(2, 60)),
        "gb": str(rng.randint(3, 96)),
        "seconds": str(rng.choice([30, 60, 120, 300, 600, 900, 1800, 3600])),
    }


def _opening(template: LogTemplate, values: dict[str, str], rng: random.Random) -> list[str]:
    opening = [line.format_map(values) for line in _START[rng.randint(1, 2) :]]
    noise = [line.format_map(values) for line in rng.sample(_NOISE, rng.randint(2, 3))]
    return [*opening, *noise, f"INFO|logging_mixin.py|{template.step.format_map(values)}"]


def _failure(error: str, values: dict[str, str], rng: random.Random) -> list[tuple[str, bool]]:
    if not _RAISED.match(error):
        return [(f"ERROR|logging_mixin.py|{error}", True)]
    lines = [
        ("ERROR|taskinstance.py|Task failed with exception", True),
        ("Traceback (most recent call last):", False),
    ]
    for file, function, code in rng.sample(_FRAMES, rng.randint(1, 2)):
        where = f'  File "{file}", line {rng.randint(10, 900)}, in {function}'
        lines += [(where.format_map(values), False), (code, False)]
    return [*lines, (error, False)]


def _ending(error: str, values: dict[str, str], rng: random.Random) -> list[str]:
    marking = "INFO|taskinstance.py|Marking task as {state}. dag_id={dag}, task_id={task}, run_id={run}"
    values = values | {"state": rng.choice(["FAILED", "UP_FOR_RETRY"])}
    lines = [marking.format_map(values), "INFO|local_task_job_runner.py|Task exited with return code 1"]
    if rng.random() < 0.3:
        job = f"ERROR|standard_task_runner.py|Failed to execute job {rng.randint(100, 9999)} for task {values['task']}"
        lines.insert(1, job if rng.random() < 0.5 else f"{job} ({error}; {values['pid']})")
    return lines[: rng.randint(1, len(lines))] if rng.random() < 0.3 else lines


def _written(lines: list[tuple[str, bool]], values: dict[str, str], rng: random.Random) -> str:
    stamp = rng.choice(_STAMPS)
    at = datetime.fromisoformat(values["at"])
    written: list[str] = []
    for line, stamped in lines:
        at += timedelta(milliseconds=rng.randint(3, 4_000))
        if not stamped:
            written.append(line)
            continue
        level, file, message = line.split("|", 2)
        written.append(
            f"{stamp.format(at=at, milliseconds=at.microsecond // 1000)} {{{file}:{rng.randint(20, 2400)}}} {level} - {message}"
        )
    return "\n".join(written) + "\n"
