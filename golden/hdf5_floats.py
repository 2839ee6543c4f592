"""Writes golden/values/hdf5_floats.json: an HDF5 file of arrays in every float type that Keras saves, and what numpy says they are."""

import base64
import io

import h5py
import numpy

from common.output import write

NUMBERS = [0.0, -0.0, 1.0, 1.5, -2.25, 65504.0, 6.0975551605224609375e-05, 5.9604644775390625e-08, 0.333251953125, -1024.0, 3.140625]
TYPES = ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]


def main() -> None:
    values = numpy.array(NUMBERS, dtype="f8")
    memory = io.BytesIO()
    expected = {}
    with h5py.File(memory, "w", libver="latest") as file:
        for dtype in TYPES:
            name = {"<": "little", ">": "big"}[dtype[0]] + dtype[1:]
            file.create_dataset(name, data=values.astype(dtype))
            expected[name] = values.astype(dtype).astype("f8").tolist()
        file.create_dataset("packed", data=values.astype("<f2"), chunks=(4,), compression="gzip")
        expected["packed"] = expected["littlef2"]
        # Keras 3 saves bfloat16 as two opaque bytes with the type's name beside them (keras/src/saving/saving_lib.py).
        upper = (values.astype("<f4").view("<u4") >> 16).astype("<u2")
        file.create_dataset("bfloat16", data=upper.view("V2")).attrs["dtype"] = "bfloat16"
        expected["bfloat16"] = (upper.astype("<u4") << 16).view("<f4").astype("f8").tolist()
    file = base64.b64encode(memory.getvalue()).decode()
    write("hdf5_floats", {"source": f"h5py {h5py.__version__}, numpy {numpy.__version__}", "file": file, "values": expected}, digits=17)


if __name__ == "__main__":
    main()
