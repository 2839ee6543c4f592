"""Saves a network through h5py as Keras 2 and Keras 3 do, call by call. Arguments: a folder with network.json and weights.bin."""

import json
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import h5py
import numpy

FOLDER = Path(sys.argv[1])
NETWORK = json.loads((FOLDER / "network.json").read_text())
NUMBERS = numpy.fromfile(FOLDER / "weights.bin", dtype="<f4")


def layers():
    start = 0
    for layer in NETWORK["layers"]:
        weights = []
        for weight in layer["weights"]:
            length = int(numpy.prod(weight["shape"]))
            weights.append((weight["role"], NUMBERS[start : start + length].reshape(weight["shape"])))
            start += length
        yield layer["name"], weights


def save_weights_to_group(group, suffix):
    """keras/src/legacy/saving/legacy_h5_format.py: save_weights_to_hdf5_group."""
    group.attrs["layer_names"] = [name.encode("utf8") for name, _ in layers()]
    group.attrs["backend"] = b"tensorflow"
    group.attrs["keras_version"] = b"2.15.0"
    for name, weights in sorted(layers()):
        own = group.create_group(name)
        names = [f"{name}/{role}{suffix}".encode("utf8") for role, _ in weights]
        own.attrs["weight_names"] = names
        for path, (_, value) in zip(names, weights):
            own.create_dataset(path, value.shape, dtype=value.dtype)[:] = value
    group.create_group("top_level_model_weights").attrs["weight_names"] = []


def save_state(file):
    """keras/src/saving/saving_lib.py: _save_state by way of H5IOStore."""
    file.create_group("vars")
    for name, weights in layers():
        own = file.create_group(f"layers/{name}").create_group("vars")
        own.attrs["name"] = name
        for number, (_, value) in enumerate(weights):
            own[f"{number}"] = value
    file.create_group("optimizer").create_group("vars")["0"] = numpy.int64(7)


with h5py.File(FOLDER / "weights.h5", "w") as file:
    save_weights_to_group(file, ":0")
with h5py.File(FOLDER / "model.h5", "w") as file:
    file.attrs["model_config"] = json.dumps(NETWORK["description"]).encode("utf8")
    save_weights_to_group(file.create_group("model_weights"), "")
with h5py.File(FOLDER / "model.weights.h5", "w") as file:
    save_state(file)
memory = BytesIO()
with h5py.File(memory, "w") as file:
    save_state(file)
with zipfile.ZipFile(FOLDER / "model.keras", "w") as archive:
    with archive.open("metadata.json", "w") as file:
        file.write(json.dumps({"keras_version": "3.5.0"}).encode())
    with archive.open("config.json", "w") as file:
        file.write(json.dumps(NETWORK["description"]).encode())
    archive.writestr("model.weights.h5", memory.getvalue())
