"""How good scores are: for two classes, several, or numbers. include/fate/metrics.h defines each measure."""
import ctypes
import json

from ._library import library
from ._numbers import doubles
from ._objects import EMPTY, Handle, context_or_default, decode, encode


class Metrics(Handle):
    """metrics["auc"] is a number, or None where it is not defined. task: "binary", "regression" or "auto"; classes: for several classes,
    with as many scores a row, row after row."""

    _free = "fate_metrics_free"

    def __init__(self, scores, labels, weights=None, task="auto", classes=None, context=None):
        context = context_or_default(context)
        given, wanted, weighed = doubles(scores), doubles(labels), doubles(weights) if weights is not None else None
        if given.count != wanted.count * (classes or 1) or (weighed is not None and weighed.count != wanted.count):
            raise ValueError("%d scores and %s weights for %d labels" % (given.count, weighed.count if weighed else "no", wanted.count))
        by = ("fate_metrics_new", encode(task)) if classes is None else ("fate_metrics_new_classes", classes)
        super().__init__(context.make(*by, given.address, wanted.address, weighed and weighed.address, wanted.count), [context])
        self.context = context

    @property
    def task(self):
        """"binary", "multiclass" or "regression"."""
        return decode(library().fate_metrics_task(self.handle))

    def __getitem__(self, name):
        value = ctypes.c_double()
        return None if self.context.run("fate_metrics_value", self.handle, encode(name), ctypes.byref(value)) == EMPTY else value.value

    def lift(self, tenth):
        """(lift, gain) of the first tenths of the rows by score, 1 to 10; None where there is none."""
        lift, gain = ctypes.c_double(), ctypes.c_double()
        result = self.context.run("fate_metrics_lift", self.handle, tenth, ctypes.byref(lift), ctypes.byref(gain))
        return None if result == EMPTY else (lift.value, gain.value)

    def _dump(self, format):
        made = ctypes.c_void_p()
        self.context.run("fate_metrics_dump", self.handle, format, ctypes.byref(made))
        return decode(self.context.take(made.value))

    def as_dict(self):
        return json.loads(self._dump(b"json"))

    def __str__(self):
        return self._dump(b"text")
