"""`explain-message`: look a message up in the notes, on platforms where messages have a menu.

It isn't listed, because members pick a message instead of typing.
"""

from __future__ import annotations

from bot.engine.actions import (
    AnswerRound,
    ArrangeRound,
    ExplainTopic,
    ShowAnswer,
    UnknownAction,
    decode,
)
from bot.engine.asked import CHANGED, explain_unknown, find_asked
from bot.engine.commands.base import (
    TOPIC_PLACEHOLDER,
    Command,
    Context,
    Option,
    Options,
    example_call,
)
from bot.engine.commands.explain import explain, show_page
from bot.engine.screens import Reply, notice

OF_ROUNDS = {each.verb: each for each in (AnswerRound, ArrangeRound, ShowAnswer)}
"""The actions by which we recognize our own questions."""

OPEN = "This question is still open. Answer it first."


async def explain_message(context: Context, options: Options) -> Reply:
    """Explain the topic of our own question once it's closed or answered; look up the text of any
    other message."""
    for control in options["controls"].split():
        try:
            action = decode(control, OF_ROUNDS)
        except UnknownAction:
            continue
        if isinstance(action, AnswerRound | ArrangeRound | ShowAnswer):
            return await _explain_round(context, action.round)
    if text := options["text"].strip():
        return await explain(context, {"topic": text})
    topic = example_call(context, "explain", {"topic": TOPIC_PLACEHOLDER})
    return notice(("This message has no text to look up. Name a topic instead: ", topic))


async def _explain_round(context: Context, round_id: int) -> Reply:
    view = await context.store.answers.view(round_id, context.member)
    asked = find_asked(view.round) if view else None
    if view is None or asked is None:
        return notice(explain_unknown(view.round) if view else CHANGED)
    if view.answer is None and view.round.is_open(context.now):
        return notice(OPEN)
    topic = ExplainTopic(view.round.pack, asked.question.topic)
    return await show_page(context, topic, ())


EXPLAIN_MESSAGE = Command(
    name="explain-message",
    description="Look a message up in the notes",
    handler=explain_message,
    options=(
        Option("text", "Text of the message"),
        Option("controls", "Actions of the message's controls, with spaces between them"),
    ),
    listed=False,
)
