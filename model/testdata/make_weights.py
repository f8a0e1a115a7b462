"""Class weights by scikit-learn ("balanced"), as one line of JSON.

    python3 -m venv venv && venv/bin/pip install scikit-learn==1.9.1
    venv/bin/python make_weights.py > weights.json
"""
import json

import numpy as np
from sklearn.utils.class_weight import compute_class_weight

counts = [900, 30, 1, 412, 77]
y = np.repeat(np.arange(len(counts)), counts)
print(json.dumps({"Counts": counts, "Balanced": compute_class_weight("balanced", classes=np.arange(len(counts)), y=y).tolist()}))
