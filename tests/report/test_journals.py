"""Journals in words and as data."""

from __future__ import annotations

from orchestrator.delivery.journal.reader import JournalSummary, StoredMessage
from orchestrator.report import journals

BOT = JournalSummary("bot-0.orders", messages=12_000, unacknowledged=1, segments=2, size=4096, held=True)
RISK = JournalSummary("risk.audit", messages=1, unacknowledged=0, segments=1, size=0, held=False)


def test_a_table_has_a_line_for_each() -> None:
    head, bot, risk = journals.summaries([BOT, RISK])
    assert head.split() == ["JOURNAL", "WAITING", "MESSAGES", "SEGMENTS", "SIZE", "IN", "USE"]
    assert bot.split()[:4] == ["bot-0.orders", "1", "12,000", "2"]
    assert (bot.split()[-1], risk.split()[-1]) == ("yes", "no")


def test_what_waits_is_summed_up() -> None:
    assert journals.waiting([]) == "no journals"
    assert journals.waiting([BOT, RISK]) == "1 message that no receiver has acknowledged"


def test_data_has_every_figure() -> None:
    figures = {"messages": 1, "unacknowledged": 0, "segments": 1, "size": 0, "held": False}
    assert journals.document([RISK]) == {"version": 1, "journals": [{"name": "risk.audit", **figures}]}


def test_a_body_is_shown_and_not_obeyed() -> None:
    kept = StoredMessage(7, "sent", b"\x1b[2J\xff")
    assert journals.message("bot-0.orders", kept) == "bot-0.orders 7 sent \\x1b[2J\\xff"
    document = {"journal": "bot-0.orders", "number": 7, "state": "sent", "body": {"hex": "1b5b324aff"}}
    assert journals.message_document("bot-0.orders", kept) == document


def test_a_verdict_is_each_fault_or_what_was_looked_at() -> None:
    assert journals.verdict(None, "a.b", ["torn", "gone"]) == ["a.b: torn", "a.b: gone"]
    assert journals.verdict(RISK, "risk.audit", []) == ["risk.audit: 1 message in 1 segment, all right"]


def test_what_is_lost_is_said_where_something_is() -> None:
    assert journals.removed(0, 0) == "0 B removed"
    assert journals.removed(0, 2) == "0 B removed, and 2 messages lost"
