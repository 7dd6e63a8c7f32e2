"""Notifications as a stream of server-sent events (WHATWG HTML, 9.2).

``view`` answers each request with what is new. Behind WSGI that is all, and the client, which comes
back by itself, asks again; behind ASGI ``going_on`` keeps the answer open, and one ``hub`` in each
process reads for all open streams together.
"""
