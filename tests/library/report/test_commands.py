"""`kerasheet report` and `kerasheet devices`."""

import os
import subprocess
import sys

from typed_command import typed


def kerasheet(*arguments, cwd):
    done = subprocess.run(
        [sys.executable, "-m", "kerasheet", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_a_report_of_several_runs_lies_in_the_current_directory(
    lenet_run, softmax_run, tmp_path
):
    done = kerasheet(
        "report", lenet_run.path, softmax_run.path, "--samples", 1, cwd=tmp_path
    )
    assert done.stdout == "Report: report.html\n"
    assert done.stderr == ""
    assert (tmp_path / "report.html").read_text().count("<img") == 2


def test_a_report_of_one_run_lies_with_the_run(softmax_run, tmp_path):
    run = tmp_path / "run"
    run.symlink_to(softmax_run.path)
    try:
        typed("report", "run", cwd=tmp_path)
        assert "<h1>softmax</h1>" in (run / "report.html").read_text()
    finally:
        (softmax_run.path / "report.html").unlink(missing_ok=True)


def test_a_report_of_no_run_is_refused(tmp_path):
    _, errors = typed("report", "no", cwd=tmp_path, code=1)
    assert errors == (
        "kerasheet: There is no run directory 'no'. Make one: kerasheet train NAME "
        "--run no.\n"
    )


def test_devices_are_listed_with_the_reason_for_no_gpu(tmp_path):
    done = kerasheet("devices", cwd=tmp_path)
    assert done.stderr == ""
    for words in ("CPU:0", "GiB", "TensorFlow 2.", "No GPU is used: "):
        assert words in done.stdout
