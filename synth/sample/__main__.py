"""Write the sample into the folder given."""

import sys
from pathlib import Path

from synth.sample import write_sample

write_sample(Path(sys.argv[1]))
