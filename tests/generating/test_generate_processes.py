"""`lore generate` as a process among others: interrupted, beside a second one, and without a way to any other host."""

import re
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from generated_project import Project, check, kept_texts, page, wait_until  # type: ignore[import-not-found]
from scripted_http import NOTHING, ScriptedServer, answer, late  # type: ignore[import-not-found]

PROMPTS = 12

# An audit hook hears of every connection and look-up that Python makes, below each library, and cannot be taken off.
# LanceDB's native code makes none for an index in a folder; what it would make is not heard.
GUARD = """
import os, sys

_file = os.open(os.environ["HEARD"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)

def _listen(event, arguments):
    if event == "socket.connect" or event.startswith("socket.sendto"):
        told = arguments[1]
    elif event.startswith("socket.get") and event != "socket.gethostname":
        told = arguments[0]
    else:
        return
    os.write(_file, f"{event} {told!r}\\n".encode())
    if event == "socket.connect" and told != ("127.0.0.1", int(os.environ["ALLOWED"])):
        raise OSError(f"{told} is not to be connected to")

sys.addaudithook(_listen)
"""


class Errors:
    """What a process writes to standard error, read while it runs."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.text = ""
        self._process = process
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stderr
        for line in self._process.stderr:
            self.text += line

    def ended(self) -> int:
        """Wait for the end of the process and return its exit code."""
        code = self._process.wait(timeout=60)
        self._thread.join()
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe
            pipe.close()
        return code


@pytest.fixture
def began(served: Project, server: ScriptedServer) -> Iterator["subprocess.Popen[str]"]:
    """A process that has asked some questions of a server that is late."""
    server.script = late(0.5)
    process = served.start("generate")
    wait_until(lambda: len(server.asked) >= 6, process)
    yield process
    process.kill()
    process.wait()


def test_ctrl_c_finishes_the_calls_under_way_and_the_same_command_goes_on(
    began: "subprocess.Popen[str]", served: Project, server: ScriptedServer
) -> None:
    errors = Errors(began)
    began.send_signal(signal.SIGINT)
    assert errors.ended() == 130
    asked = len(server.asked)
    assert 6 <= asked < PROMPTS
    (count,) = re.findall(r"Finishing (\d+) calls under way; Ctrl-C again leaves them\.", errors.text)
    assert 0 < int(count) <= 4
    left = PROMPTS - asked
    assert f"Stopped: {asked} of 12 prompts are answered and kept, {left} remain." in errors.text
    assert "goes on from there" in errors.text
    assert "Traceback" not in errors.text
    assert server.answered == asked == len(kept_texts(served))

    server.script = answer
    served.generate()
    check(served)
    assert len(server.asked) == PROMPTS
    assert served.run().metrics["kept_from_before"] == asked


def test_a_second_ctrl_c_leaves_at_once(served: Project, server: ScriptedServer) -> None:
    server.script = NOTHING
    process = served.start("generate")
    wait_until(lambda: len(server.asked) == 4, process)
    errors = Errors(process)
    process.send_signal(signal.SIGINT)
    wait_until(lambda: "Finishing 4 calls" in errors.text, process)
    process.send_signal(signal.SIGINT)
    assert errors.ended() == 130
    assert "Stopped: 0 of 12 prompts are answered and kept, 12 remain." in errors.text
    assert "Traceback" not in errors.text


def test_two_commands_at_once_ask_each_prompt_once(pumps: Project, server: ScriptedServer) -> None:
    for number in range(10):
        pumps.write(f"docs/pump-{number}.md", page(f"Pump-{number}"))
    pumps.configure(server.base_url)
    assert pumps.lore("chunk", cwd=pumps.folder).returncode == 0
    server.script = late(0.05)
    both = [
        pumps.start("generate", "--task", "qa", "--task", "summary"),
        pumps.start("generate", "--task", "summary", "--task", "qa", "--limit", "30"),
    ]
    for process in both:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    assert Counter(question.digest for question in server.asked).most_common(1)[0][1] == 1
    assert len(server.asked) == 42 + 14
    assert len(pumps.runs()) == 2
    server.script = answer
    pumps.generate("--task", "qa", "--task", "summary")
    check(pumps)
    assert len(server.asked) == 42 + 14


def test_nothing_is_connected_to_or_looked_up_but_the_server(
    served: Project, server: ScriptedServer, tmp_path: Path
) -> None:
    site, heard = tmp_path / "site", tmp_path / "heard.txt"
    site.mkdir()
    served.write("docs/hebe.md", page("Hebe").replace("\n\n##", " Hebe is quiet." * 20 + "\n\n##"))
    (site / "sitecustomize.py").write_text(GUARD)
    tasks = (
        '["qa", "grounded_qa", "refusal", "summary", "conversation", "code_explanation", "code_completion"]'
    )
    process = served.start(
        "generate",
        "--set",
        f"generation.tasks={tasks}",
        env={
            "PYTHONPATH": str(site),
            "HEARD": str(heard),
            "ALLOWED": str(server.port),
            "HTTP_PROXY": "http://192.0.2.1:9",
            "ALL_PROXY": "http://192.0.2.1:9",
        },
    )
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    told = set(heard.read_text().splitlines())
    assert f"socket.connect ('127.0.0.1', {server.port})" in told
    assert told <= {
        f"socket.connect ('127.0.0.1', {server.port})",
        "socket.getaddrinfo '127.0.0.1'",
    }
    made = served.run().metrics["by_task"]
    assert made.keys() >= {"qa", "grounded_qa", "refusal", "summary", "conversation", "code_explanation"}
