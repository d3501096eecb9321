"""What the vendor does not publish about settings of domains and mailboxes, in one place.

Names, numbers and shapes that other clients were seen to use; correct them here and nowhere else.
"""

from __future__ import annotations

from enum import IntEnum

from django.utils.translation import gettext_noop as _

# vendor API: auto-responder
RESPONDER = "autoResponderSettings"  # the wrapper; some builds have its keys at the root
RESPONDER_KEYS = (
    "enabled",
    "subject",
    "body",
    "isHTML",
    "useActiveDateRange",
    "startDateUtc",
    "endDateUtc",
    "externalReply",
    "externalAudience",
    "autoRespondOnDirectMailOnly",
)
NEVER = "0001-01-01T00:00:00Z"
NOBODY = "0"  # of externalAudience
AUDIENCES = (
    (NOBODY, _("Nobody")),
    ("1", _("People in the contacts of this mailbox")),
    ("2", _("Everybody")),
)


# vendor API: domain-settings, actionType by index
class SpamAction(IntEnum):
    NOTHING = 0
    DELETE = 1
    REROUTE = 2
    BOUNCE = 3
    MOVE_TO_FOLDER = 4  # `argument` is the folder
    ADD_HEADER = 5
    PREFIX_SUBJECT = 6  # `argument` is the text
    FORWARD = 7
    MARK_AS_READ = 8
    SET_PRIORITY = 9
    FOLLOW_UP = 10


JUNK_FOLDER = "Junk E-Mail"
SPAM_LEVELS = ("Low", "Med", "High")  # spamLevelLowWeight, spamLevelLowAction, ...
SPAM_OVERRIDE = "spamCheckOverrideActive"
SPAM_ALLOWED = "allowSpamActionOverride"

# vendor API: domain-settings to read, whitelist to write
TRUSTED_ADDRESSES = ("whitelistAddresses", "emails")
TRUSTED_DOMAINS = ("whitelistDomains", "domains")


# vendor API: signature-mappings
class MapType(IntEnum):
    DOMAIN = 2
    USER = 4


class MapOption(IntEnum):
    NONE = 0
    SPECIFIED = 2


NEW_SIGNATURE = {"id": 0, "guid": ""}
