"""What comes in is taken exactly: links are of public bodies, texts are in normal form."""

import unicodedata

import pytest
from pydantic import TypeAdapter, ValidationError

from app.domain.fields import LongText, ShortText, WebLink

LINK: TypeAdapter[str] = TypeAdapter(WebLink)
SHORT: TypeAdapter[str] = TypeAdapter(ShortText)
LONG: TypeAdapter[str] = TypeAdapter(LongText)


def _fault(adapter: TypeAdapter[str], value: str) -> str:
    with pytest.raises(ValidationError) as refusal:
        adapter.validate_python(value)
    (fault,) = refusal.value.errors()
    return fault["type"]


@pytest.mark.parametrize(
    "link",
    [
        "https://www.facebook.com/profile.php?id=100012345678901",
        "https://facebook.com/profile.php",
        "https://m.facebook.com/profile.php?id=1&sk=about",
        "https://mbasic.facebook.com/profile.php?id=1",
        "https://vi-vn.facebook.com/profile.php?id=1",
        "https://www.m.facebook.com/profile.php?id=1",
        "http://fb.com/profile.php?id=1",
        "https://FACEBOOK.com:443/Profile.PHP?id=1",
        "https://facebook.com./profile.php?id=1",
        "https://facebook.com//profile.php?id=1",
        "https://facebook.com/%70rofile.php?id=1",
        "https://www.facebook.com/people/Nguyen-Van-A/100012345678901/",
        "https://www.facebook.com/groups/binhson/user/100012345678901/",
        "https://www.facebook.com/app_scoped_user_id/123/",
        "https://www.linkedin.com/in/nguyen-van-a",
        "https://vn.linkedin.com/pub/nguyen-van-a/1/2/3",
        "https://zalo.me/0912345678",
        "https://zalo.me/84912345678",
        "https://zalo.me/+84912345678",
        "https://zalo.me/%2B84912345678",
        "https://zalo.me/0912345678?utm=1",
        "https://zaloapp.com/qr/p/1abcdefg",
        "https://t.me/+84912345678",
        "https://wa.me/84912345678",
        "https://api.whatsapp.com/send?phone=84912345678",
    ],
)
def test_a_link_to_a_personal_profile_is_refused(link: str) -> None:
    assert _fault(LINK, link) == "personal_profile"


@pytest.mark.parametrize(
    "link",
    [
        "https://www.facebook.com/ubndbinhson",
        "https://facebook.com/ubndbinhson/posts/pfbid02abc",
        "https://www.facebook.com/PeopleOfBinhSon",
        "https://www.facebook.com/profile.phpclub",
        "https://www.facebook.com/watch/?v=123",
        "https://www.facebook.com/groups/binhson/posts/123",
        "https://www.facebook.com/permalink.php?story_fbid=1&id=2",
        "https://fb.watch/abc/",
        "https://www.youtube.com/@truyenhinhquangngai",
        "https://www.tiktok.com/@binhson.gov.vn/video/1",
        "https://www.instagram.com/stories/ubndbinhson/1/",
        "https://zalo.me/1234567890123456789",
        "https://zalo.me/0912345678901234567",
        "https://zalo.me/8412345678901234567",
        "https://oa.zalo.me/home",
        "https://zalo.me/ubndbinhson",
        "https://t.me/binhson_gov",
        "https://t.me/+AbCdEf123456",
        "https://www.linkedin.com/company/binh-son",
        "https://notfacebook.com/profile.php",
        "https://facebook.com.vn/profile.php",
        "https://binhson.quangngai.gov.vn/facebook.com/profile.php",
        "https://binhson.quangngai.gov.vn/?u=https://facebook.com/profile.php",
        "https://binhson.quangngai.gov.vn:8443/tin/1#a",
        "http://10.0.0.1/tin",
        "https://binhson.quangngai.gov.vn/tin/đảng-bộ",
        "https://quảngngãi.vn/",
        "https://[2001:db8::1]/tin",
    ],
)
def test_a_page_of_a_public_body_passes(link: str) -> None:
    assert LINK.validate_python(link) == link


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("https://user:password@a.vn/", "link_not_public"),
        ("https://user@a.vn/", "link_not_public"),
        ("https://:password@a.vn/", "link_not_public"),
        ("https://@a.vn/", "link_not_public"),
        ("https://facebook.com@a.vn/", "link_not_public"),
        ("https://a.vn\\@b.vn/", "link_not_public"),
        ("https://facebook.com\\profile.php", "link_not_public"),
        ("https://:80/x", "link_not_public"),
        ("https://./x", "link_not_public"),
        ("https://a.vn:99999/", "link_not_public"),
        ("https://a.vn:https/", "link_not_public"),
        ("https://[::1/", "link_not_public"),
        ("https://[abc]/x", "link_not_public"),
        ("https://a\u2100.vn/", "link_not_public"),
        ("https://a.vn/\x7f", "control_character"),
        ("https://a.vn/\x9f", "control_character"),
        ("https://a.vn/\u202egnp.exe", "control_character"),
        ("https://a.vn/\u200b", "control_character"),
        ("https://a.vn/\ufeff", "control_character"),
        ("https://a.vn/a b", "string_pattern_mismatch"),
        ("https://a.vn/\u00a0", "string_pattern_mismatch"),
        ("https://a.vn/\u2028", "string_pattern_mismatch"),
        ("https://a.vn/\n", "string_pattern_mismatch"),
        (" https://a.vn/", "string_pattern_mismatch"),
        ("ftp://a.vn/", "string_pattern_mismatch"),
        ("javascript:alert(1)", "string_pattern_mismatch"),
        ("//a.vn/", "string_pattern_mismatch"),
        ("a.vn", "string_pattern_mismatch"),
        ("https:///x", "string_pattern_mismatch"),
        ("https://a.vn/" + "x" * 2000, "string_pattern_mismatch"),
    ],
)
def test_a_link_is_of_http_with_a_host_and_nobodys_password(link: str, code: str) -> None:
    assert _fault(LINK, link) == code


def test_a_link_is_in_normal_form_as_all_texts_are() -> None:
    composed = "https://a.vn/đảng-bộ"
    apart = unicodedata.normalize("NFD", composed)
    assert apart != composed
    assert LINK.validate_python(apart) == composed


@pytest.mark.parametrize("char", [chr(code) for code in (0, 1, 8, 11, 12, 27, 31, 127, 128, 0x9F)])
def test_no_text_has_control_characters(char: str) -> None:
    for adapter in (SHORT, LONG):
        for text in (f"a{char}b", char, f"{char}a"):
            assert _fault(adapter, text) == "control_character"


@pytest.mark.parametrize("char", ["\n", "\t", "\r\n"])
def test_lines_and_tabs_are_for_long_texts_only(char: str) -> None:
    assert _fault(SHORT, f"a{char}b") == "control_character"
    assert LONG.validate_python(f"a{char}b") == f"a{char.replace(chr(13), '')}b"


def test_a_lone_carriage_return_is_a_control_character() -> None:
    assert _fault(LONG, "a\rb") == "control_character"


def test_the_length_is_that_of_the_normal_form() -> None:
    assert len(SHORT.validate_python("x" * 500)) == 500
    assert _fault(SHORT, "x" * 501) == "string_too_long"
    assert _fault(LONG, "x" * 20_001) == "string_too_long"
    grows = "\u0958" * 251  # one letter, which its normal form takes apart
    assert len(unicodedata.normalize("NFC", grows)) == 502
    assert _fault(SHORT, grows) == "string_too_long"
