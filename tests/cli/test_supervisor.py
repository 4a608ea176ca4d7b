"""What is shown of a log."""

from __future__ import annotations

from cli.supervisor import tail


def test_secrets_do_not_appear_in_the_tail_of_a_log(tmp_path):
    log = tmp_path / "api.log"
    log.write_text("connecting to postgresql://me:hunter2@db\nrefused\n")
    shown = tail(log, ["hunter2"])
    assert "hunter2" not in shown
    assert shown.endswith("refused")


def test_only_the_last_lines_of_a_long_log_are_shown(tmp_path):
    log = tmp_path / "api.log"
    log.write_text("".join(f"line {i}\n" for i in range(50_000)))
    assert tail(log, lines=3).splitlines() == ["line 49997", "line 49998", "line 49999"]
