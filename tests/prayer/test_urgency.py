"""What cannot wait is found in a text, however it is written."""

from __future__ import annotations

import pytest

from prayer.urgency import ABUSE_FLAG, CHURCH_FLAG, SELF_HARM_FLAG, flags_of


@pytest.mark.parametrize(
    "text",
    [
        "I want to die",
        "I just WANT   TO\nDIE.",
        "i wanna d i e... k.i.l.l myself",
        "thinking of s u i c i d e",
        "s.u.i.c.i.d.e",
        "su1c1de",
        "suiciiiiide",
        "I don’t want to live anymore",
        "I don't want to live",
        "I don\u00b4t want to live",
        "sui\u200bcide",
        "súicidal thoughts",
        "Pray for my suicide-prevention class",
        "I cut myself again",
        "Quiero morir",
        "No quiero vivir más",
        "Pienso en quitarme la vida",
        "Tengo miedo de hacerme daño",
        "ya no tengo ganas de vivir",
        "QUIERO-MORIRME",
    ],
)
def test_self_harm_is_found(text):
    assert SELF_HARM_FLAG in flags_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "My husband beats me",
        "My dad hits me when he drinks",
        "he sexually assaulted me",
        "She was raped last year",
        "domestic-violence at home",
        "I am scared to go home",
        "abu$e in our family",
        "Mi esposo me golpea",
        "Mi padrastro me toca por las noches",
        "Me amenaza con un cuchillo",
        "sufrió abusos de niña",
        "violencia doméstica",
    ],
)
def test_abuse_is_found(text):
    assert ABUSE_FLAG in flags_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "Pray for my mother’s operation on Friday.",
        "Thank God for 25 years of marriage!",
        "My skill matters at work; help me be humble.",
        "Our dog died and the children are sad.",
        "He is to die for, says my aunt of the choir’s tenor.",
        "We are living in a new house since May 2024.",
        "Por mi hermano, que viaja solo y todavía no ha llamado.",
        "Que el Señor nos dé paz y que encuentre trabajo.",
        "Grapes for the communion, and drapes for the hall.",
        "The therapist says it will take time.",
        "",
        "a b c",
        "🙏🙏🙏",
    ],
)
def test_what_can_wait_is_left_alone(text):
    assert flags_of(text) == []


def test_a_church_adds_its_own_words():
    own = ["cartel*", "Código rojo", "  ", "*"]
    assert flags_of("The CARTELS came again", further=own) == [CHURCH_FLAG]
    assert flags_of("código-rojo en casa", further=own) == [CHURCH_FLAG]
    assert flags_of("a quiet day", further=own) == []
    assert flags_of("a+b (c) [d", further=["(c", "[d"]) == [CHURCH_FLAG]
