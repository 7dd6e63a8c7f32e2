"""Words and phrases by which a request is held and shown first, in English and Spanish.

Written without accents; an asterisk stands for any ending. A church adds its own in its settings.
"""

from __future__ import annotations

SELF_HARM: tuple[str, ...] = (
    # English
    "suicid*", "kill myself", "killing myself", "killed myself", "kms", "unalive*",
    "end my life", "ending my life", "end it all", "ending it all", "take my life", "taking my life",
    "take my own life", "taking my own life", "want to die", "wants to die", "wanna die", "ready to die",
    "wish i was dead", "wish i were dead", "wish i was never born", "better off dead",
    "better off without me", "dont want to live", "do not want to live", "dont want to be alive",
    "do not want to be alive", "dont want to be here anymore", "no reason to live", "nothing to live for",
    "tired of living", "tired of being alive", "cant go on", "cannot go on", "can not go on",
    "hurt myself", "hurting myself", "harm myself", "harming myself", "cut myself", "cutting myself",
    "kill himself", "kill herself", "kill themselves", "killing himself", "killing herself",
    "hurt himself", "hurt herself", "harm himself", "harm herself", "cutting herself", "cutting himself",
    "end his life", "end her life", "take his own life", "take her own life",
    "self harm*", "selfharm*", "overdos*",
    # Spanish
    "quitarme la vida", "quitarse la vida", "matarme", "matarse", "me quiero matar", "me voy a matar",
    "quiero morir", "quiero morirme", "me quiero morir", "quisiera morir", "quisiera estar muert*",
    "no quiero vivir", "no quiero seguir viviendo", "acabar con mi vida", "acabar con todo",
    "terminar con mi vida", "poner fin a mi vida", "ganas de vivir", "mejor muert*", "sin razon para vivir",
    "hacerme dano", "hacerse dano", "lastimarme", "cortarme", "autolesion*", "sobredosis",
    "no puedo seguir viviendo", "desaparecer para siempre",
)  # fmt: skip

ABUSE: tuple[str, ...] = (
    # English
    "abuse*", "abusing", "abusiv*", "molest*", "rape", "raped", "raping", "rapist", "incest",
    "beats me", "beating me", "beat me", "beats her", "beats him", "beats us", "hits me", "hitting me",
    "hit me", "hits her", "hits us", "hurts me", "hurting me", "hurts us", "touches me", "touching me",
    "touched me", "forces me", "forced me", "chokes me", "choked me", "strangl*",
    "sexual assault*", "sexually assault*", "assaulted me", "domestic violence", "trafficked",
    "threatens to kill", "threatened to kill", "going to kill me", "going to kill us", "wants to kill me",
    "afraid of my husband", "afraid of my wife", "afraid of my father", "afraid of my dad",
    "afraid of my stepfather", "afraid of my boyfriend", "scared of my husband", "scared of my father",
    "scared of my dad", "scared of my boyfriend", "scared of my stepfather", "afraid to go home",
    "scared to go home", "locks me in",
    # Spanish
    "abuso*", "abusa*", "maltrat*", "violacion*", "violaron", "me violo", "violada", "violado", "violador",
    "me pega", "me pego", "nos pega", "le pega", "me golpea*", "me golpeo", "nos golpea", "la golpea",
    "me toca", "me tocaba", "me toco", "acoso sexual", "agresion sexual", "violencia domestica",
    "violencia de genero", "violencia intrafamiliar", "me amenaza*", "me quiere matar", "quiere matarme",
    "va a matarme", "me va a matar", "nos va a matar", "miedo de mi esposo", "miedo a mi esposo",
    "miedo de mi marido", "miedo a mi marido", "miedo de mi padre", "miedo a mi padre",
    "miedo de mi padrastro", "miedo a mi padrastro", "miedo de mi novio", "miedo a mi novio",
    "miedo de volver a casa", "me encierra",
)  # fmt: skip
