"""The ready-made sequences in English."""

from __future__ import annotations

from .texts import ReadyMade, Step

WELCOME = ReadyMade(
    key="welcome",
    name="Welcome",
    description="Three mails in the first two weeks for whoever is new with us.",
    trigger_event="new_member",
    topic="follow_up",
    steps=(
        Step(
            days=0,
            at=None,
            subject="Welcome to {{ church.name }}",
            paragraphs=(
                "Dear {{ member.first_name | friend }},",
                "we are glad that you are here. From now on you belong to the people whom we think of, pray "
                "for and write to now and then.",
                "If you have a question, big or small, just answer this mail. Somebody reads every answer.",
                "Warmly, all of us at {{ church.name }}",
            ),
        ),
        Step(
            days=3,
            subject="How to find your place with us",
            paragraphs=(
                "Dear {{ member.first_name | friend }},",
                "a church is easiest to get to know around a table. We have groups that meet in homes, and "
                "there is coffee after the service. Come as you are; nobody expects you to know anybody yet.",
                "Would you like us to introduce you to a group? Answer this mail and tell us which evening "
                "suits you.",
            ),
        ),
        Step(
            days=10,
            subject="How are you doing?",
            paragraphs=(
                "Dear {{ member.first_name | friend }},",
                "it has been two weeks, and we would like to know how you are. Have you found what you were "
                "looking for? Is there something that we can pray for?",
                "Just answer this mail. It goes to people, not to a machine.",
            ),
        ),
    ),
)
FIRST_VISIT = ReadyMade(
    key="first_visit",
    name="First visit",
    description="Two mails for whoever was with us for the first time.",
    trigger_event="first_visit",
    topic="follow_up",
    options={"exit_when_visited": True},
    steps=(
        Step(
            days=1,
            subject="It was good to have you with us",
            paragraphs=(
                "Dear {{ member.first_name | friend }},",
                "thank you for coming. We hope that you felt at home, and that somebody said hello.",
                "If something was unclear, or if you were left standing alone, please tell us: an answer to "
                "this mail is enough. That is how we learn.",
                "With kind regards from {{ church.name }}",
            ),
        ),
        Step(
            days=5,
            subject="Would you come again?",
            paragraphs=(
                "Dear {{ member.first_name | friend }},",
                "we would be happy to see you again. And if you would rather meet one of us over a cup of "
                "coffee first, answer this mail, and we will find a time.",
            ),
        ),
    ),
)
PRAYER = ReadyMade(
    key="prayer",
    name="Prayer follow-up",
    description="Stays in touch with whoever asked us for prayer. It ends when they answer or are visited.",
    trigger_event="prayer_request",
    topic="prayer",
    options={"exit_when_visited": True, "may_repeat": True},
    steps=(
        Step(
            days=2,
            subject="We are praying for you",
            paragraphs=(
                "Dear {{ member.first_name | friend }},",
                "thank you for trusting us with what is on your heart. We are praying for you, and you are "
                "not alone in this.",
                "If you would like to talk to somebody, answer this mail or call us.",
            ),
        ),
        Step(
            days=12,
            subject="How are you now?",
            paragraphs=(
                "Dear {{ member.first_name | friend }},",
                "two weeks have passed since you asked us to pray. How are you now? Whatever it is, good "
                "news or hard news, we would like to hear it, and we go on praying.",
                "Your people at {{ church.name }}",
            ),
        ),
    ),
)

SEQUENCES = (WELCOME, FIRST_VISIT, PRAYER)
