"""The ready-made sequences in Spanish."""

from __future__ import annotations

from .texts import ReadyMade, Step

WELCOME = ReadyMade(
    key="welcome",
    name="Bienvenida",
    description="Tres correos en las dos primeras semanas para quien acaba de llegar.",
    trigger_event="new_member",
    topic="follow_up",
    steps=(
        Step(
            days=0,
            at=None,
            subject="Te damos la bienvenida a {{ church.name }}",
            paragraphs=(
                "Hola, {{ member.first_name | querido hermano, querida hermana }}:",
                "nos alegra mucho que estés aquí. Desde hoy eres parte de las personas en quienes pensamos, "
                "por quienes oramos y a quienes escribimos de vez en cuando.",
                "Si tienes alguna pregunta, grande o pequeña, responde a este correo. Leemos cada respuesta.",
                "Con cariño, todos en {{ church.name }}",
            ),
        ),
        Step(
            days=3,
            subject="Cómo encontrar tu lugar entre nosotros",
            paragraphs=(
                "Hola, {{ member.first_name | querido hermano, querida hermana }}:",
                "a una iglesia se la conoce mejor alrededor de una mesa. Hay grupos que se reúnen en casas y "
                "un café después del culto. Ven tal como eres; nadie espera que ya conozcas a alguien.",
                "¿Quieres que te presentemos a un grupo? Responde a este correo y dinos qué noche te "
                "conviene.",
            ),
        ),
        Step(
            days=10,
            subject="¿Cómo estás?",
            paragraphs=(
                "Hola, {{ member.first_name | querido hermano, querida hermana }}:",
                "han pasado dos semanas y nos gustaría saber cómo estás. ¿Encontraste lo que buscabas? ¿Hay "
                "algo por lo que podamos orar?",
                "Basta con responder a este correo. Lo leen personas, no una máquina.",
            ),
        ),
    ),
)
FIRST_VISIT = ReadyMade(
    key="first_visit",
    name="Primera visita",
    description="Dos correos para quien estuvo con nosotros por primera vez.",
    trigger_event="first_visit",
    topic="follow_up",
    options={"exit_when_visited": True},
    steps=(
        Step(
            days=1,
            subject="Qué bueno fue tenerte con nosotros",
            paragraphs=(
                "Hola, {{ member.first_name | querido hermano, querida hermana }}:",
                "gracias por venir. Esperamos que te hayas sentido en casa y que alguien te haya saludado.",
                "Si algo no quedó claro, o si nadie se acercó a ti, cuéntanoslo: basta con responder a este "
                "correo. Así aprendemos.",
                "Un saludo cordial de {{ church.name }}",
            ),
        ),
        Step(
            days=5,
            subject="¿Vuelves a visitarnos?",
            paragraphs=(
                "Hola, {{ member.first_name | querido hermano, querida hermana }}:",
                "nos alegraría verte de nuevo. Y si prefieres conocer antes a alguien de nosotros con un "
                "café, responde a este correo y buscamos un momento.",
            ),
        ),
    ),
)
PRAYER = ReadyMade(
    key="prayer",
    name="Seguimiento de oración",
    description="Sigue en contacto con quien nos pidió oración. Termina cuando responde o recibe una visita.",
    trigger_event="prayer_request",
    topic="prayer",
    options={"exit_when_visited": True, "may_repeat": True},
    steps=(
        Step(
            days=2,
            subject="Estamos orando por ti",
            paragraphs=(
                "Hola, {{ member.first_name | querido hermano, querida hermana }}:",
                "gracias por confiarnos lo que llevas en el corazón. Oramos por ti; no estás solo ni sola en "
                "esto.",
                "Si quieres hablar con alguien, responde a este correo o llámanos.",
            ),
        ),
        Step(
            days=12,
            subject="¿Cómo estás ahora?",
            paragraphs=(
                "Hola, {{ member.first_name | querido hermano, querida hermana }}:",
                "han pasado dos semanas desde que nos pediste oración. ¿Cómo estás ahora? Sean buenas o "
                "malas noticias, queremos escucharlas, y seguimos orando.",
                "Tu gente de {{ church.name }}",
            ),
        ),
    ),
)

SEQUENCES = (WELCOME, FIRST_VISIT, PRAYER)
