"""Training and validation on ultralytics' engine: COCO data over PDF pages, document augmentation, COCO metrics."""

import os

# oneDNN makes its kernels anew for every page shape that has left its caches, which takes longer than the step itself;
# their sizes are read when torch loads.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "20000")
os.environ.setdefault("LRU_CACHE_CAPACITY", "20000")
os.environ.setdefault("YOLO_AUTOINSTALL", "false")  # read when ultralytics loads: it installs nothing by itself
