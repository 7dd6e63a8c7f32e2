"""Settings, one module a concern; every value that may differ comes from the environment."""

from .base import *
from .database import *
from .security import *
from .cache import *
from .realtime import *
from .jobs import *
from .api import *
from .mail import *
from .automation import *
from .sms import *
from .files import *
from .pages import *
from .observability import *
