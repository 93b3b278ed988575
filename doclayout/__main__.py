"""`python -m doclayout`."""

import sys

from doclayout.cli import main

sys.exit(main())
