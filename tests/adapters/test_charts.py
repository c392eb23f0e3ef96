"""Pictures are readable: for everyone, on any background, in any script, with nothing cut off."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from adapters.charts import Pictures, drawing, lettering
from adapters.charts.drawing import CARD, EDGE, INK, MARGIN, SCALE, SOFT, WIDTH, png
from adapters.charts.lettering import NONCHARACTER, PLACEHOLDER, Lettering, clean
from adapters.charts.order import base_direction, visual_runs
from bot.engine.screens import Bar, BarChart

NAMES = {
    "latin": "Bartholomäus Featherstonehaugh-Cholmondeley von und zu Hohenzollern-Sigmaringen",
    "one word": "W" * 80,
    "cyrillic": "Мария Александровна Иванова-Преображенская",
    "arabic": "علي بن أبي طالب بن عبد المطلب بن هاشم بن عبد مناف",
    "hebrew": "שלמה בן דוד",
    "mixed": "محمد (Admin) 2 علي",
    "hindi": "हिन्दी में एक लम्बा नाम",
    "thai": "ชื่อภาษาไทยที่ยาวมาก",
    "chinese": "一个很长的中文名字" * 8,
    "japanese": "山田 太郎 さん",
    "korean": "김철수 님",
    "decomposed": "\u1100\u1175\u11b7 Zoe\u0308 e\u0302\u0301",
    "emoji": "🎓🏳️‍🌈👩🏽‍🔬 Zoë ★",
    "flags": "🇩🇪🇫🇷 🏴‍☠️ ❤️‍🔥",
    "keycaps": "1️⃣ #️⃣ Ann",
    "joined": "PDF\u200cها",
    "marks": "山\u0308 김\u20e3",
    "styled": "𝓐𝓷𝓷 𝐀𝐧𝐧 𝕱𝖆𝖓𝖈𝖞 ｗｉｄｅ",
    "tower": "Z" + "\u0301" * 40 + "oe",
    "markup": "@everyone **bold** <@1> <!channel>",
}


def make_chart(*names: str, own: str = "") -> BarChart:
    bars = (
        Bar(name, (100 - place,), 100, f"{100 - place:,} points", str(place), own)
        for place, name in enumerate(names, 1)
    )
    return BarChart("Leaderboard · Drills, this week", "", tuple(bars))


def draw(chart: BarChart) -> Image.Image:
    return Image.open(BytesIO(png(chart))).convert("RGBA")


def rgb(color: str) -> tuple[int, ...]:
    return tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [part / 255 for part in rgb(color)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("text", "ground"), [(INK, CARD), (SOFT, CARD), (CARD, INK)])
def test_text_contrasts_with_its_background(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize("bar", [drawing.BLUE, drawing.VERMILION])
def test_bars_contrast_with_their_track(bar: str) -> None:
    assert contrast(bar, drawing.TRACK) >= 3


@pytest.mark.parametrize("page", ["#ffffff", "#313338", "#1a1d21", "#000000"])
def test_the_card_contrasts_with_light_and_dark_pages(page: str) -> None:
    assert max(contrast(EDGE, page), contrast(CARD, page)) >= 3


def test_the_card_is_opaque() -> None:
    image = draw(make_chart("Ann"))
    inner = image.crop((20 * SCALE, 2, image.width - 20 * SCALE, image.height - 2))
    assert inner.getchannel("A").getextrema() == (255, 255)


@pytest.mark.parametrize("script", NAMES)
def test_a_name_is_drawn_in_full(script: str) -> None:
    lettering, name = Lettering(15 * SCALE), NAMES[script]
    room = drawing.MAX_LABEL_WIDTH
    lines = lettering.wrap(name, room)
    assert "".join(lines).replace(" ", "") == clean(name).replace(" ", "")
    for line in lines:
        assert lettering.width(line) <= room
        image = Image.new("L", (room + 200, 200))
        lettering.write(ImageDraw.Draw(image), 100, 100, line, "white")
        left, top, right, bottom = image.getbbox() or (0, 0, 0, 0)
        assert 100 - 4 * SCALE <= left < right <= 100 + room + 4 * SCALE
        assert top >= 100 - drawing.BASELINE - drawing.ROW_GAP
        assert bottom <= 100 - drawing.BASELINE + drawing.LINE_HEIGHT + drawing.ROW_GAP


@pytest.mark.parametrize("own", ["", "you"])
def test_no_name_runs_into_the_margin(own: str) -> None:
    image = draw(make_chart(*NAMES.values(), own=own))
    for left in (2 * SCALE, WIDTH - MARGIN + 3 * SCALE):
        strip = image.crop((left, 20 * SCALE, left + MARGIN - 5 * SCALE, image.height - 20 * SCALE))
        assert strip.convert("RGB").getcolors() == [(strip.width * strip.height, rgb(CARD))]


@pytest.mark.parametrize(("own", "color"), [("", drawing.BLUE), ("you", drawing.VERMILION)])
def test_no_name_runs_into_its_bar(own: str, color: str) -> None:
    image = draw(make_chart("W" * 80, own=own)).convert("RGB")
    places = ((x, y) for x in range(image.width) for y in range(image.height))
    bar, _ = next(place for place in places if image.getpixel(place) == rgb(color))
    gap = image.crop((bar - drawing.COLUMN_GAP + SCALE, 2, bar - SCALE, image.height - 2))
    assert gap.getcolors() == [(gap.width * gap.height, rgb(CARD))]


@pytest.mark.parametrize("script", NAMES)
def test_every_script_has_glyphs(script: str) -> None:
    lettering = Lettering(15 * SCALE)
    for char in clean(NAMES[script]):
        if char.isalnum():
            assert ink(lettering, char) not in (ink(lettering, PLACEHOLDER), b"")
    for face, part, _ in lettering.split_runs(clean(NAMES[script])):
        for at in range(len(part)):
            boxed = part[:at] + NONCHARACTER + part[at + 1 :]
            assert bytes(face.font.getmask(part)) != bytes(face.font.getmask(boxed))


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("Ann (b) 2", ["Ann (b) 2"]),
        ("محمد (Admin)", [")", "Admin", "محمد ("]),
        ("محمد 2 علي", [" علي", "2", "محمد "]),
        ("موسم الخريف 2026", ["2026", "موسم الخريف "]),
        ("Drills, موسم الخريف 2026", ["Drills, ", "2026", "موسم الخريف "]),
        ("Ann (محمد) علي", ["Ann (", "محمد", ") ", "علي"]),
        ("Ann علي (2) b", ["Ann ", ")", "2", "علي (", " b"]),
        ("שלום 10:30, 50% -2", ["2", " -", "50%", ", ", "10:30", "שלום "]),
        ("علي 10-12 ٢٠٢٦", ["٢٠٢٦", " ", "12", "-", "10", "علي "]),
        ("٢٠٢٦", ["٢٠٢٦"]),
        ("علي!", ["علي!"]),
    ],
)
def test_a_name_is_drawn_in_visual_order(name: str, seen: list[str]) -> None:
    assert [part for _, part in visual_runs(name, base_direction(name))] == seen


def test_a_wrapped_line_keeps_the_direction_of_its_name() -> None:
    lettering, name = Lettering(15 * SCALE), "محمد (Admin) علي"
    line = "(Admin) علي"
    alone, further = (lettering.split_runs(line, whole) for whole in ("", name))
    assert next(part for _, part, _ in alone) == "(Admin) "
    assert [part for _, part, _ in further][-1] == "("


def test_a_name_is_in_visual_order_without_shaping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "HAS_RAQM", False)
    runs = Lettering(15 * SCALE).split_runs("שלום (Ann) 2")
    assert "".join(part for _, part, _ in runs) == "2 (Ann) םולש"


def test_a_missing_glyph_gets_a_placeholder() -> None:
    lettering = Lettering(15 * SCALE)
    assert ink(lettering, "\U00020bb7") == ink(lettering, PLACEHOLDER)


def test_a_styled_letter_without_a_font_is_drawn_plain() -> None:
    lettering = Lettering(15 * SCALE)
    assert ink(lettering, "𝓐𝓷𝓷 𝐀𝐧𝐧") == ink(lettering, "Ann Ann")


def test_enclosing_marks_are_dropped() -> None:
    assert clean("a\u20dd b\u20e3 1\u20e3 #\ufe0f\u20e3") == "a b 1\u20e3 #\ufe0f\u20e3"


@pytest.mark.parametrize("name", ["", "  ", "\u202e\u200b", "\x00\n"])
def test_an_invisible_name_gets_a_placeholder(name: str) -> None:
    assert Lettering(15 * SCALE).wrap(name, 1000) == [PLACEHOLDER]


def test_the_readers_bar_differs_by_more_than_color() -> None:
    mine, theirs = (draw(make_chart("Ann", own=own)).convert("L") for own in ("you", ""))
    name = (MARGIN, 56 * SCALE, MARGIN + 60 * SCALE, 90 * SCALE)
    assert mine.crop(name).tobytes() != theirs.crop(name).tobytes()


def test_the_same_chart_is_the_same_picture() -> None:
    assert png(make_chart("Ann", "Bob")) == png(make_chart("Ann", "Bob"))


async def test_a_chart_is_drawn_once_without_blocking_the_event_loop() -> None:
    pictures, turns = Pictures(), 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.001)

    going = asyncio.create_task(others())
    first = await pictures.png(make_chart(*NAMES.values()))
    going.cancel()
    assert turns > 2
    assert await pictures.png(make_chart(*NAMES.values())) is first
    assert await pictures.png(replace(make_chart("Ann"), title="Other")) != first


def test_a_bot_starts_without_loading_pillow() -> None:
    code = "import sys, adapters.discord.client, adapters.slack.app; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def ink(lettering: Lettering, text: str) -> bytes:
    """The pixels of a text."""
    image = Image.new("L", (200, 200))
    lettering.write(ImageDraw.Draw(image), 100, 100, text, "white")
    return image.crop(image.getbbox()).tobytes()
