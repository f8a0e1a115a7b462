"""Writes npy_headers.json: what numpy puts before the data of a float32 matrix.

Made with numpy 2.4.6 and Python 3: python make_npy_headers.py > npy_headers.json
"""

import io
import json

import numpy as np

headers = []
for shape in [(0, 40), (1, 1), (9, 13), (99, 26), (12345, 80), (720000, 120), (10**12, 2049)]:
    f = io.BytesIO()
    np.lib.format.write_array_header_1_0(f, {"shape": shape, "fortran_order": False, "descr": "<f4"})
    headers.append({"shape": shape, "header": f.getvalue().decode("latin-1")})
    if shape[0] < 10**6:  # numpy.save itself agrees
        g = io.BytesIO()
        np.save(g, np.zeros(shape, np.float32))
        assert g.getvalue()[: f.tell()] == f.getvalue()
print(json.dumps(headers, indent=1))
