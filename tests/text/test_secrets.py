import base64
import hashlib
import random
import uuid

import pytest
from planted_secrets import (  # type: ignore[import-not-found]
    TOKENS,
    json_web_token,
    letters,
    password,
    plant_all,
    private_key,
)

from lorewright.text.masking import Found, mask, mask_chunk
from lorewright.text.secrets import find_again, find_secrets

PLANTED = plant_all(seed=5)
ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def masked(text: str) -> str:
    return mask(text, find_secrets(text)).text


def test_more_than_sixty_secrets_of_more_than_fifteen_kinds_are_planted() -> None:
    assert len(PLANTED) == 620
    assert len({one.kind for one in PLANTED}) >= 25
    assert len({one.value for one in PLANTED}) == len(PLANTED)


def test_every_planted_secret_is_found_whole_and_as_what_it_is() -> None:
    missed = [
        (one.kind, one.context, [found.kind for found in find_secrets(one.text)])
        for one in PLANTED
        if not any(
            found.kind == one.kind
            and found.start <= one.text.index(one.value)
            and one.text.index(one.value) + len(one.value) <= found.end
            for found in find_secrets(one.text)
        )
    ]
    assert missed == []


def test_no_piece_of_a_planted_secret_is_left_and_little_else_is_taken() -> None:
    for one in PLANTED:
        hidden = masked(one.text)
        secret = one.value.removeprefix("https://hooks.slack.com/services")
        for start in range(len(secret) - 7):
            assert secret[start : start + 8] not in hidden, (one.kind, one.context)
        kept = len(hidden) - len(f"[secret: {one.kind}]")
        assert kept >= len(one.text) - len(one.value) - 25, (one.kind, one.context)


def test_a_secret_that_the_border_of_a_chunk_cuts_is_hidden_on_both_sides() -> None:
    for one in PLANTED[::7]:
        found = find_secrets(one.text)
        at = one.text.index(one.value)
        for cut in (at + 1, at + len(one.value) // 2, at + len(one.value) - 1):
            left = mask_chunk(one.text, 0, cut, found).text
            right = mask_chunk(one.text, cut, len(one.text), found).text
            assert one.value[: cut - at] not in left[-(cut - at) :]
            assert one.value[cut - at :] not in right[: len(one.value) - (cut - at)]
            assert left.endswith("]")
            assert right.startswith("[secret: ")


def test_a_document_full_of_secrets_loses_every_one() -> None:
    text = "\n".join(one.text for one in PLANTED)
    hidden = masked(text)
    assert [one.kind for one in PLANTED if one.value in hidden] == []


def test_a_secret_is_masked_where_nothing_labels_it() -> None:
    value = letters(random.Random(1), ALNUM, 20)
    text = f'api_key = "{value}"\n\nLater {value} is sent.\nx{value}y\n'
    hidden = masked(text)
    assert value not in hidden
    assert hidden.count("[secret: api key]") == 3


def test_a_secret_of_the_document_is_found_in_its_title() -> None:
    value = letters(random.Random(2), ALNUM, 20)
    text, title = f"token: {value}\n", f"How {value} came to be"
    again = find_again(text, find_secrets(text), title)
    assert mask(title, again).text == "How [secret: token] came to be"
    assert find_again(text, find_secrets(text), "Another title") == []


@pytest.mark.parametrize(
    "name",
    [
        "RSA PRIVATE KEY",
        "PRIVATE KEY",
        "EC PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
    ],
)
@pytest.mark.parametrize(
    "dress",
    [
        lambda key: key,
        lambda key: key.replace("\n", "\r\n"),
        lambda key: "\n".join(f"    {line}" for line in key.split("\n")),
        lambda key: "\n".join(f"> {line}" for line in key.split("\n")),
        lambda key: "\n".join(f"# {line}" for line in key.split("\n")),
        lambda key: "\n".join(f'    "{line}\\n" +' for line in key.split("\n")),
        lambda key: '{"private_key": "' + key.replace("\n", "\\n") + '\\n", "type": "service"}',
        lambda key: " ".join(key.split("\n")),
    ],
)
def test_a_private_key_is_hidden_whole_in_any_dress(name: str, dress: object) -> None:
    assert callable(dress)
    key = private_key(random.Random(3), name)
    text = f"Before it.\n\n{dress(key)}\n\nAfter it comes more.\n"
    hidden = masked(text)
    assert [line for line in key.split("\n")[1:-1] if line in hidden] == []
    assert "Before it." in hidden
    assert "After it comes more." in hidden


@pytest.mark.parametrize("prefix", ["", "    ", "> "])
def test_a_private_key_that_is_cut_off_is_hidden_from_either_end(prefix: str) -> None:
    lines = [prefix + line for line in private_key(random.Random(4)).split("\n")]
    headed = [
        lines[0],
        f"{prefix}Proc-Type: 4,ENCRYPTED",
        f"{prefix}DEK-Info: AES-128-CBC,0A1B",
        prefix,
        *lines[1:],
    ]
    for kept in (lines[:-1], lines[:5], lines[1:], lines[6:], headed[:-1]):
        hidden = masked("Some words first\n\n" + "\n".join(kept) + "\n\nSome words last\n")
        assert [line for line in lines[1:-1] if line.strip("> ") in hidden] == []
        assert hidden.startswith("Some words first\n")
        assert hidden.endswith("\n\nSome words last\n")
    only = "\n".join(lines[1:5])
    document = "\n".join(lines)
    start = document.index(only)
    assert (
        mask_chunk(document, start, start + len(only), find_secrets(document)).text == "[secret: private key]"
    )


def test_a_one_line_private_key_that_is_cut_off_is_hidden() -> None:
    key = private_key(random.Random(5)).replace("\n", "\\n")
    assert key[40:300] not in masked(f'{{"key": "{key[:400]} ... cut", "a": 1}}')
    assert key[-300:-40] not in masked(f"sent {key[-400:]} to db")


def test_a_private_key_that_is_only_spoken_of_stays() -> None:
    dashes = "-" * 5
    certificate = letters(random.Random(6), ALNUM, 64)
    text = (
        f"The file begins with `{dashes}BEGIN PRIVATE KEY{dashes}` and ends with `{dashes}END PRIVATE KEY{dashes}`.\n"
        f"\n{dashes}BEGIN RSA PRIVATE KEY{dashes}\nMIIEpAIBAAKCAQEA...\n{dashes}END RSA PRIVATE KEY{dashes}\n"
        f"\n{dashes}BEGIN CERTIFICATE{dashes}\n{certificate}\n{dashes}END CERTIFICATE{dashes}\n"
    )
    assert masked(text) == text


@pytest.mark.parametrize(
    "template",
    [
        "postgresql+psycopg2://acme:{}@db.internal:5432/acme",
        "redis://:{}@cache:6379/0",
        "mongodb+srv://acme:{}@cluster0.mongodb.net/?retryWrites=true",
        "amqps://acme:{}@mq/vhost",
        "DATABASE_URL=mysql://acme:{}@10.0.0.4/acme",
        "git clone https://acme:{}@git.acme.io/acme/app.git",
        "curl -u acme:{} https://api.acme.io",
        'curl --user "acme:{}" https://api.acme.io',
        "machine git.acme.io login acme password {}",
        "ALTER USER acme IDENTIFIED BY '{}';",
        "CREATE ROLE acme LOGIN PASSWORD '{}';",
        "The password is {}, as always.",
    ],
)
def test_of_a_login_only_the_password_is_hidden(template: str) -> None:
    value = password(random.Random(7), signs="!*_-+")
    expected = template.replace("{}", "[secret: password]")
    assert masked(template.format(value)) == expected


@pytest.mark.parametrize(
    "value", ["hunter2x", "Summer2024!", "tr0ub4dor&3", "8Kd!pQ", "correct Horse 9! battery"]
)
def test_a_password_that_a_person_chose_is_hidden_when_it_is_quoted(value: str) -> None:
    assert masked(f'password = "{value}"') == 'password = "[secret: password]"'


def test_an_authorization_header_keeps_its_scheme() -> None:
    rng = random.Random(8)
    basic = base64.b64encode(f"acme:{password(rng)}".encode()).decode()
    opaque = letters(rng, ALNUM, 32)
    assert masked(f"Authorization: Basic {basic}\n") == "Authorization: Basic [secret: authorization]\n"
    assert (
        masked(f'"authorization": "Bearer {opaque}"') == '"authorization": "Bearer [secret: authorization]"'
    )
    assert (
        masked(f"-H 'Authorization: Token {opaque}'") == "-H 'Authorization: Token [secret: authorization]'"
    )
    placeholder = base64.b64encode(b"user:password").decode()
    assert masked(f"Authorization: Basic {placeholder}\n") == f"Authorization: Basic {placeholder}\n"


def test_a_connection_string_of_azure_keeps_all_but_its_key() -> None:
    key = letters(random.Random(9), ALNUM + "+/", 86) + "=="
    text = f"DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={key};EndpointSuffix=core.windows.net"
    expected = text.replace(key, "[secret: azure storage key]")
    assert masked(text) == expected


def test_the_secret_beside_an_access_key_is_found_without_a_label() -> None:
    rng = random.Random(10)
    name, secret = TOKENS["aws id"][1](rng), letters(rng, ALNUM + "+/", 40)
    assert masked(f"User,Key,Value\nacme,{name},{secret}\n").endswith(
        "[secret: aws access key],[secret: aws secret key]\n"
    )


def test_a_signature_of_a_web_token_is_hidden_with_it() -> None:
    token = json_web_token(random.Random(11))
    assert masked(f"cookie session={token}; path=/") == "cookie session=[secret: json web token]; path=/"


@pytest.mark.parametrize(
    "text",
    [
        "password: airflow",
        "password = 'password'",
        'password: "changeme"',
        "Password = passw0rd",
        "Password = 123456",
        "PASSWORD=P@ssw0rd1",
        "password: <your-password>",
        "password=${DB_PASSWORD}",
        "password: $DB_PASSWORD_2",
        'password = os.environ["DB_PASSWORD_2"]',
        "password=settings.DB_PASSWORD2",
        "password = get_password(user1, db2)",
        "password: str | None = None",
        'password = password.encode("latin1")',
        "password: {{ vault_password_2 }}",
        "password = %(db_password2)s",
        "password=********",
        "password = /run/secrets/db_password_1",
        "token = xxxxxxxxxxxxxxxxxxxxxxxx",
        'api_key = "your-api-key-1234"',
        'api_key = "YOUR_API_KEY_HERE_123"',
        "api_key: my-api-key-12345",
        "token=...",
        "token: abc123...",
        "secret: null",
        "max_tokens = 4096",
        "token_count: 123456789012",
        "num_key_value_heads=8",
        "primary key: user_2024_account_id",
        "secretName: acme-tls-cert-2024",
        "postgresql://airflow:airflow@localhost/airflow",
        "postgresql://user:password@localhost/db",
        "https://user:pass@host.org",
        "ssh://git@github.com/acme/app.git",
        "http://localhost:8080/a@b",
        'pass "force_download=True" to it',
        "bypass = 'a1b2c3d4e5f6'",
        "The token of 2024-01-01T00:00:00 is gone.",
        "Bearer authentication is described below",
        "Basic understanding of OAuth2 required",
        "tokenizer: bert-base-uncased-v2",
        "author: jane_doe_1987",
        "The password must have 8 characters, 1 digit and 1 sign!",
    ],
)
def test_placeholders_words_and_code_stay(text: str) -> None:
    assert masked(text) == text


def test_the_example_keys_of_aws_stay() -> None:
    name, secret = "AKIA" + "IOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
    text = f"aws_access_key_id = {name}\naws_secret_access_key = {secret}\n"
    assert masked(text) == text


def negatives() -> list[str]:
    rng = random.Random(12)
    digest = hashlib.sha256(b"a").hexdigest()
    integrity = base64.b64encode(hashlib.sha512(b"b").digest()).decode()
    image = base64.b64encode(rng.randbytes(1200)).decode()
    return [
        f"commit {hashlib.sha1(b'c').hexdigest()}\nMerge: {digest[:7]} {digest[8:15]}\n",
        f"request_id={uuid.UUID(int=rng.getrandbits(128))} took 12 ms",
        f"acme==1.2.3 \\\n    --hash=sha256:{digest} \\\n    --hash=sha256:{digest[::-1]}\n",
        f'"resolved": "https://registry.npmjs.org/a/-/a-1.0.0.tgz",\n"integrity": "sha512-{integrity}"\n',
        f'checksum = "{digest}"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\n',
        f"![logo](data:image/png;base64,{image})\n",
        f"image: acme/app@sha256:{digest}\n",
        f"{digest}  acme-1.2.3.tar.gz\n",
        f'etag: W/"{digest[:32]}"\n',
        f"ssh-ed25519 {image[:68]} acme\n",
        "    at org.apache.hadoop.mapreduce.v2.app.rm.RMContainerAllocator.makeRequest(RMAllocator.java:741)\n",
        "Caused by: java.util.concurrent.ExecutionException: NoRouteToHostException$$Lambda$14/0x00000008400b5840\n",
        "NotificationConfigurationA.config.someVeryLongMethodNameForIt\n",
        "AbstractSingletonProxyFactoryBean_2_with_a_very_long_name_in_it_1234567890\n",
        "blk_-1608999687919862906 src: /10.250.19.102:54106 dest: /10.250.19.102:50010\n",
        "081109 203518 143 INFO dfs.DataNode$DataXceiver: Receiving block blk_38865049064139660\n",
        "https://github.com/acme/app/blob/" + digest[:40] + "/src/main.py#L10-L20\n",
        "hf_hub_download_with_a_long_name_that_goes_on_and_on_and_on(repo_id)\n",
        "cache_key: linux-py311-" + digest + "\n",
        "public_key: " + digest + "\n",
    ]


@pytest.mark.parametrize("text", negatives())
def test_hashes_ids_and_long_names_stay(text: str) -> None:
    assert masked(text) == text


def test_what_is_found_never_shows_its_value() -> None:
    value = letters(random.Random(13), ALNUM, 24)
    (found,) = find_secrets(f"token={value}")
    assert value not in repr(found)
    assert found == Found("token", 6, 30)


def test_letters_that_change_length_in_lower_case_shift_nothing() -> None:
    value = letters(random.Random(14), ALNUM, 24)
    assert masked(f"İİİ İstanbul token={value} İ") == "İİİ İstanbul token=[secret: token] İ"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["password=", "eyJ", "eyJa.", "://a:", "key=a,", "changeme", "a" * 50])
def test_a_text_made_to_be_slow_is_searched_in_linear_time(piece: str) -> None:
    assert len(find_secrets(piece * (100_000 // len(piece)))) <= 1


@pytest.mark.parametrize(
    "template",
    [
        "password = '''{}'''",
        "password: !vault {}",
        "| password | {} |",
        "MYSQL_PWD={} mysql acme",
        "Passwort: {}",
        "contraseña: {}",
        "密码：{}",
        "password='{}\nthe rest is cut",
        'char *db_password = "{}";',
        'password => "{}"',
        '<property name="password" value="{}"/>',
    ],
)
def test_a_label_may_be_bound_to_its_value_in_many_ways(template: str) -> None:
    value = password(random.Random(15), signs="!#*+")
    assert masked(template.format(value)) == template.replace("{}", "[secret: password]")


def test_session_cookies_are_hidden_and_preferences_stay() -> None:
    value = letters(random.Random(16), ALNUM, 32)
    text = f"Set-Cookie: sid={value}; Path=/; theme=solarized-dark-mode\n"
    assert masked(text) == "Set-Cookie: sid=[secret: cookie]; Path=/; theme=solarized-dark-mode\n"


@pytest.mark.parametrize(
    "template", ['GOOGLE_CREDENTIALS="{}"', "GOOGLE_CREDENTIALS={}", "credentials: {}\n"]
)
def test_a_long_encoded_credential_is_hidden_to_its_end(template: str) -> None:
    value = base64.b64encode(random.Random(17).randbytes(2400)).decode()
    assert masked(template.format(value)) == template.replace("{}", "[secret: credential]")
