#!/usr/bin/env python3
"""Makes digits.csv from the images of handwritten digits that the Python package scikit-learn ships.

    pip download --no-deps scikit-learn==1.9.1
    python3 prepare_digits.py scikit_learn-1.9.1-*.whl [DIRECTORY]

Needs the standard library alone. Every version of the package that has the file gives the same one.
"""
import gzip
import os
import sys
import zipfile

SOURCE = "sklearn/datasets/data/digits.csv.gz"


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    with zipfile.ZipFile(sys.argv[1]) as package:
        lines = gzip.decompress(package.read(SOURCE)).decode().split()
    directory = sys.argv[2] if len(sys.argv) == 3 else os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(directory, "digits.csv"), "w", encoding="ascii", newline="\n") as file:
        file.write("id,y," + ",".join(f"p{i}" for i in range(64)) + "\n")
        for number, line in enumerate(lines):
            values = [str(int(float(value))) for value in line.split(",")]
            file.write(f"{number:04d},{values[64]},{','.join(values[:64])}\n")


if __name__ == "__main__":
    main()
