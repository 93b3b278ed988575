"""Network blocks, one per file, and the model that a YAML describes."""

import os

os.environ.setdefault("YOLO_AUTOINSTALL", "false")  # read when ultralytics loads: it installs nothing by itself
