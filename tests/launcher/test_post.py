"""Mail and texts shown in the terminal of ./run."""

from pathlib import Path

from launcher.post import PostRound

MAIL = """\
Content-Type: text/plain; charset="utf-8"
MIME-Version: 1.0
Content-Transfer-Encoding: 8bit
Subject: Your sign-in code
From: help@demo.example
To: zoë@demo.example

Your code is 123 456
"""


def test_what_was_there_before_is_not_shown_and_what_comes_is_shown_once(tmp_path: Path):
    (tmp_path / "1.txt").write_text("To: +447700900123\n\nOld\n")
    post = PostRound(tmp_path)
    assert post.new() == []
    (tmp_path / "2.txt").write_text("To: +447700900123\n\nYour code is 123 456.\n")
    (tmp_path / "3.eml").write_text(MAIL)
    text, mail = post.new()
    assert text.splitlines()[1:3] == ["Text to +447700900123", "    Your code is 123 456."]
    assert "Your sign-in code" in mail and "    Your code is 123 456" in mail
    assert post.new() == []


def test_a_message_still_being_written_waits(tmp_path: Path):
    post = PostRound(tmp_path)
    (tmp_path / ".4").write_text("To: x\n\nHalf")
    assert post.new() == []
    (tmp_path / ".4").rename(tmp_path / "4.txt")
    assert len(post.new()) == 1


def test_what_somebody_typed_cannot_steer_the_terminal(tmp_path: Path):
    post = PostRound(tmp_path)
    (tmp_path / "5.txt").write_text("To: a\x1b]0;evil\x07\n\n\x1b[2JHello\u202e\n")
    [shown] = post.new()
    assert "\x1b" not in shown and "\x07" not in shown and "\u202e" not in shown


def test_a_folder_that_is_not_there_is_an_empty_one(tmp_path: Path):
    assert PostRound(tmp_path / "none").new() == []
