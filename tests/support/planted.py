"""A token of the real form, new in each run. Wherever it turns up afterwards, something has shown a secret.

Tests use it where a token is needed; `secret_search` looks for it when they are through. Child processes find the same
one in their environment, under `VARIABLE`: a cell of a notebook takes it from there and never spells it out.
"""

from __future__ import annotations

import os
import secrets
from typing import Final

VARIABLE: Final = "NEMO_TEST_PLANTED"
PLANTED: Final = os.environ.setdefault(VARIABLE, f"nmv_usr_PLANTED{secrets.token_hex(12)}")
