# SPDX-License-Identifier: Apache-2.0
"""The yardstick of the file workloads: every figure is there, and what cannot be measured is said."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hostcall.bench import files
from hostcall.errors import BackendError


def test_a_figure_is_missing_or_nothing_was_moved(tmp_path: Path) -> None:
    figures = files.measure_files(tmp_path, (1, 3), 0.02)
    assert [(figure.operation, figure.threads) for figure in figures] == [
        (operation, threads) for operation in files.OPERATIONS for threads in (1, 3)
    ]
    assert all(figure.bytes_per_s > 0 for figure in figures)
    assert not list(tmp_path.iterdir())


def test_a_call_that_fails_is_taken_for_a_figure(tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    move = files._compile(tmp_path)
    for index in range(2):
        (tmp_path / f"written-{index}").symlink_to("/dev/full")
    with pytest.raises(BackendError, match=r"write-own by 2 host threads in .*: No space left"):
        files._measure(move, tmp_path, "write-own", 2, 4096, 0.02)


def test_the_table_has_other_figures_than_the_json(capsys: pytest.CaptureFixture[str]) -> None:
    files.main(["--threads", "2"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(files.OPERATIONS)
    files.main(["--threads", "1", "--json"])
    assert [row["operation"] for row in json.loads(capsys.readouterr().out)] == list(files.OPERATIONS)
