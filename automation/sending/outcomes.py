"""How an attempt to send can end; raised by every provider, of mail and of text messages alike."""


class NotSentError(Exception):
    """Nothing was sent. The text says why, for people, without addresses or secrets."""


class TemporaryError(NotSentError):
    """Nothing was sent; later it may work (a 4yz answer of RFC 5321, a 429, a refused connection)."""


class PermanentError(NotSentError):
    """Nothing was sent and never will be (a 5yz answer, an address that does not exist)."""


class ProviderError(TemporaryError):
    """Nothing was sent, and the next message would fare the same: the provider is away or refuses us."""


class UncertainError(Exception):
    """It was handed over and no answer came: it may have been sent."""
