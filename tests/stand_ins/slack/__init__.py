"""A local Slack: the app under test is real, the network is real, the workspace is not."""

from tests.stand_ins.slack.blocks import Option
from tests.stand_ins.slack.delivery import Copy, Sent
from tests.stand_ins.slack.files import File, Hop
from tests.stand_ins.slack.http_delivery import HttpDelivery
from tests.stand_ins.slack.limits import Violation
from tests.stand_ins.slack.people import Person
from tests.stand_ins.slack.server import SlackServer
from tests.stand_ins.slack.surfaces import Message, View
from tests.stand_ins.slack.workspace import Channel, Group, Team

__all__ = [
    "Channel",
    "Copy",
    "File",
    "Group",
    "Hop",
    "HttpDelivery",
    "Message",
    "Option",
    "Person",
    "Sent",
    "SlackServer",
    "Team",
    "View",
    "Violation",
]
