"""Errors that Airflow tasks meet, with blanks: what `synthesis` fills in."""

# ruff: noqa: E501 (a log line stands on one line, as it will be written)

from typing import NamedTuple


class LogTemplate(NamedTuple):
    """One kind of error.

    Attributes:
        name: What a split keeps together.
        category: One of `schema.CATEGORIES`.
        severity: One of `schema.SEVERITIES`.
        step: What the task was doing, logged before.
        error: The decisive line; an exception when it begins with a dotted or capitalised name and a colon.
    """

    name: str
    category: str
    severity: str
    step: str
    error: str


def _of(category: str, *rows: tuple[str, str, str, str]) -> tuple[LogTemplate, ...]:
    return tuple(LogTemplate(name, category, severity, step, error) for name, severity, step, error in rows)


RESOURCE = _of(
    "resource_error",
    (
        "memory_allocate",
        "critical",
        "Merging {count} rows of {table} in memory",
        "numpy._core._exceptions._ArrayMemoryError: Unable to allocate {gb}.4 GiB for an array with shape ({count}, 48) and data type float64",
    ),
    (
        "disk_full",
        "critical",
        "Writing partition {date} to {path}",
        "OSError: [Errno 28] No space left on device: '{path}/part-{small}.parquet'",
    ),
    (
        "oom_killed_pod",
        "critical",
        "Pod {pod} has phase Running",
        "Pod {pod} terminated with reason OOMKilled and exit code 137 in namespace {schema}",
    ),
    (
        "executor_lost",
        "high",
        "Submitting stage {small} of application_{number}",
        "org.apache.spark.SparkException: Job aborted due to stage failure: ExecutorLostFailure (executor {small} exited, container exceeded {gb} GB physical memory)",
    ),
    (
        "database_spool",
        "high",
        "Running insert-select into {schema}.{table}",
        "teradatasql.OperationalError: [Error 2646] No more spool space in {user}",
    ),
    (
        "file_handles",
        "high",
        "Opening {small} shards of {table}",
        "OSError: [Errno 24] Too many open files: '{path}/{table}.idx'",
    ),
    (
        "warehouse_queue",
        "medium",
        "Waiting for a slot in warehouse {db}_wh",
        "snowflake.connector.errors.ProgrammingError: 000625: warehouse {db}_wh reached its limit of {small} concurrent statements",
    ),
)
DATA = _of(
    "data_quality",
    (
        "null_in_key",
        "high",
        "Loading {count} rows into {schema}.{table}",
        'psycopg2.errors.NotNullViolation: null value in column "{column}" of relation "{table}" violates not-null constraint',
    ),
    (
        "duplicate_key",
        "medium",
        "Merging staging rows into {schema}.{table}",
        'sqlalchemy.exc.IntegrityError: duplicate key value violates unique constraint "{table}_{column}_key" for {column}={number}',
    ),
    (
        "bad_date",
        "medium",
        "Parsing {path}/{table}_{date}.csv",
        "ValueError: time data '{small}/13/2025' does not match format '%d/%m/%Y' in column {column}, line {number}",
    ),
    (
        "column_missing",
        "high",
        "Reading header of {path}/{table}.csv",
        "pandas.errors.ParserError: expected {small} fields in line {number} of {table}.csv, saw {gb}",
    ),
    (
        "row_count_low",
        "high",
        "Comparing {table} with its source",
        "Data check failed: {schema}.{table} has {number} rows for {date}, expected at least {count}",
    ),
    (
        "encoding",
        "low",
        "Decoding extract {table}_{date}.txt",
        "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe9 in position {number}: invalid continuation byte",
    ),
    (
        "freshness",
        "medium",
        "Checking freshness of source {schema}.{table}",
        "dbt test not_stale_{table}_{column} found {small} records: newest {column} is {gb} days old",
    ),
)
DEPENDENCY = _of(
    "dependency_failure",
    (
        "database_refused",
        "high",
        "Connecting to {db} on {host}",
        'psycopg2.OperationalError: connection to server at "{host}", port {port} failed: Connection refused',
    ),
    (
        "dns",
        "high",
        "Requesting https://{host}/v2/{table}",
        "requests.exceptions.ConnectionError: Failed to resolve '{host}' ([Errno -2] Name or service not known)",
    ),
    (
        "http_503",
        "medium",
        "Fetching page {small} of {table}",
        "requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: https://{host}/api/{table}",
    ),
    (
        "upstream_failed",
        "medium",
        "Waiting for task {task} of the external DAG",
        "airflow.exceptions.AirflowException: The external task {task} in DAG {dag}_source failed.",
    ),
    (
        "broker_down",
        "critical",
        "Producing {count} events to topic {table}",
        "kafka.errors.NoBrokersAvailable: NoBrokersAvailable at {host}:{port}",
    ),
    (
        "ssh_reset",
        "medium",
        "Copying {path}/{table}.gz from {host}",
        "paramiko.ssh_exception.SSHException: Server connection dropped while reading from {host}",
    ),
    (
        "object_missing",
        "high",
        "Downloading s3://{bucket}/{table}/{date}.json",
        "botocore.exceptions.ClientError: An error occurred (NoSuchKey) when calling the GetObject operation: {table}/{date}.json is not in {bucket}",
    ),
)
CONFIGURATION = _of(
    "configuration_error",
    (
        "connection_undefined",
        "high",
        "Using connection ID '{conn}' for task execution.",
        "airflow.exceptions.AirflowNotFoundException: The conn_id `{conn}` isn't defined",
    ),
    (
        "variable_missing",
        "medium",
        "Rendering fields of {task}",
        "KeyError: 'Variable {var} does not exist'",
    ),
    (
        "module_missing",
        "high",
        "Filling up the DagBag from {path}/{dag}.py",
        "ModuleNotFoundError: No module named '{module}'",
    ),
    (
        "template_missing",
        "medium",
        "Reading template sql/{table}.sql",
        "jinja2.exceptions.TemplateNotFound: sql/{table}.sql",
    ),
    (
        "tpt_job_file",
        "high",
        "Running tbuild -f {path}/{table}.tpt",
        "TPT_INFRA: TPT04183: Error: Job variable {var} is not assigned a value in {table}.tpt",
    ),
    (
        "bad_argument",
        "low",
        "Building operator {task}",
        "TypeError: {module}_operator() got an unexpected keyword argument '{column}'",
    ),
    (
        "yaml_syntax",
        "medium",
        "Loading settings from {path}/{dag}.yaml",
        'yaml.scanner.ScannerError: mapping values are not allowed here in "{path}/{dag}.yaml", line {small}, column {gb}',
    ),
)
PERMISSION = _of(
    "permission_error",
    (
        "file_denied",
        "medium",
        "Archiving {path}/{table}.csv",
        "PermissionError: [Errno 13] Permission denied: '{path}/{table}.csv'",
    ),
    (
        "s3_denied",
        "high",
        "Listing s3://{bucket}/{table}",
        "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the PutObject operation: {user} may not write to {bucket}",
    ),
    (
        "table_privilege",
        "high",
        "Truncating {schema}.{table}",
        "psycopg2.errors.InsufficientPrivilege: permission denied for table {table}",
    ),
    (
        "password",
        "critical",
        "Opening session as {user}",
        'FATAL: password authentication failed for user "{user}" on {host}',
    ),
    (
        "token_expired",
        "high",
        "Calling https://{host}/oauth/{table}",
        "google.auth.exceptions.RefreshError: ('invalid_grant: Token has been expired or revoked.', '{user}')",
    ),
    (
        "http_403",
        "medium",
        "Posting report of {table} to {host}",
        "requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://{host}/reports/{number}",
    ),
    (
        "kerberos",
        "high",
        "Starting beeline on {host}",
        "GSSException: No valid credentials provided (Mechanism level: Failed to find any Kerberos tgt for {user})",
    ),
)
TIMEOUT = _of(
    "timeout_error",
    (
        "task_timeout",
        "medium",
        "Crunching {table} for {date}",
        "airflow.exceptions.AirflowTaskTimeout: Timeout, PID: {number}",
    ),
    (
        "sensor_timeout",
        "medium",
        "Poking for {path}/{table}_{date}.done",
        "airflow.exceptions.AirflowSensorTimeout: Sensor has timed out; run duration of {number}.2 seconds exceeds the specified timeout of {seconds}.0.",
    ),
    (
        "read_timeout",
        "medium",
        "Requesting https://{host}/export/{table}",
        "requests.exceptions.ReadTimeout: HTTPSConnectionPool(host='{host}', port=443): Read timed out. (read timeout={seconds})",
    ),
    (
        "statement_timeout",
        "high",
        "Refreshing view {schema}.{table}_daily",
        "psycopg2.errors.QueryCanceled: canceling statement due to statement timeout after {seconds} s",
    ),
    (
        "lock_wait",
        "high",
        "Updating {column} in {schema}.{table}",
        "pymysql.err.OperationalError: (1205, 'Lock wait timeout exceeded; try restarting transaction on {table}')",
    ),
    (
        "pod_start",
        "medium",
        "Creating pod {pod} in namespace {schema}",
        "PodLaunchFailedException: Pod {pod} took longer than {seconds} seconds to start",
    ),
    (
        "heartbeat_lost",
        "high",
        "Watching job {number} on {host}",
        "No heartbeat from job {number} on {host} for {seconds} seconds, deadline exceeded",
    ),
)
UNKNOWN = _of(
    "unknown",
    (
        "exit_code",
        "medium",
        "Running command: ['bash', '-c', '{path}/run_{table}.sh']",
        "airflow.exceptions.AirflowException: Bash command failed. The command returned a non-zero exit code {small}.",
    ),
    (
        "assertion",
        "medium",
        "Closing batch {number}",
        "AssertionError: batch {number} of {table} ended in state {small}",
    ),
    (
        "zero_division",
        "low",
        "Computing ratio {column} of {table}",
        "ZeroDivisionError: division by zero",
    ),
    (
        "stored_procedure",
        "high",
        "CALL {schema}.refresh_{table}({small})",
        "Procedure {schema}.refresh_{table} ended with SQLSTATE {number} and no message",
    ),
    (
        "segfault",
        "critical",
        "Starting native writer for {table}",
        "Process {number} of {module} stopped by signal 11 (core dumped)",
    ),
    (
        "unexpected_state",
        "low",
        "Polling job {number}",
        "RuntimeError: unexpected state 'LIMBO' of job {number} on {host}",
    ),
    (
        "vendor_code",
        "medium",
        "Invoking {module} for {table}",
        "{module}: error X-{number}: internal error, contact the vendor",
    ),
)
TEMPLATES = tuple(
    template
    for group in zip(RESOURCE, DATA, DEPENDENCY, CONFIGURATION, PERMISSION, TIMEOUT, UNKNOWN, strict=True)
    for template in group
)
"""All templates, the categories by turns: the first seven are of seven categories."""
