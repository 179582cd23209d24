"""Makes the package's wheel for pip (PEP 517), with the standard library alone.

A libfate.so.0 that lies in fate/ goes along; the wheel is then one for this system only."""
import base64
import glob
import hashlib
import os
import re
import sysconfig
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))


def _facts():
    with open(os.path.join(HERE, "pyproject.toml"), encoding="utf-8") as file:
        text = file.read()
    return {name: re.search(r'^%s = "(.*)"$' % name, text, re.M).group(1) for name in ("name", "version", "description", "requires-python")}


def _files():
    """The files of the package, by their names in the wheel."""
    for path in sorted(glob.glob(os.path.join(HERE, "fate", "*.py")) + glob.glob(os.path.join(HERE, "fate", "libfate.so.0"))):
        with open(path, "rb") as file:
            yield "fate/" + os.path.basename(path), file.read()


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    facts, files = _facts(), dict(_files())
    has_library = "fate/libfate.so.0" in files
    tag = "py3-none-" + (re.sub(r"[-.]", "_", sysconfig.get_platform()) if has_library else "any")
    info = "%s-%s.dist-info" % (facts["name"], facts["version"])
    files[info + "/METADATA"] = ("Metadata-Version: 2.1\nName: %(name)s\nVersion: %(version)s\nSummary: %(description)s\n"
                                 "Requires-Python: %(requires-python)s\n" % facts).encode()
    files[info + "/WHEEL"] = ("Wheel-Version: 1.0\nGenerator: make_wheel\nRoot-Is-Purelib: %s\nTag: %s\n"
                              % ("false" if has_library else "true", tag)).encode()
    record = "".join("%s,sha256=%s,%d\n" % (name, base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("="), len(data))
                     for name, data in files.items())
    files[info + "/RECORD"] = (record + info + "/RECORD,,\n").encode()
    name = "%s-%s-%s.whl" % (facts["name"], facts["version"], tag)
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, data in files.items():
            wheel.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), data)
    return name
