"""Labelled pages between COCO, YOLO, Pascal VOC, Label Studio and CVAT.

Each format is one file with the same two functions: `read(source, images)` gives a `LabelSet`, `write(data, folder,
size)` writes one. All lose nothing of pages, splits, class lists and boxes, which the writers of supervision do: 0.01
pixels on the way through YOLO and 0.5 through Pascal VOC, folders, and pages that are PDFs.
"""
