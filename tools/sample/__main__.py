"""``python -m tools.sample``: write a sample shop."""

import sys

from tools.sample.files import main

if __name__ == "__main__":
    sys.exit(main())
