"""Identities, jobs, schemas and models."""
import ctypes
import json

from ._library import library
from ._objects import FateError, Handle, context_or_default, copy_bytes, decode, encode

PURPOSES = {"train": 1, "predict": 2, "align": 3, "serve": 4, "align validation": 5}


def purpose_number(purpose):
    if purpose not in PURPOSES:
        raise ValueError("purpose is %r; it must be one of %s" % (purpose, ", ".join(sorted(PURPOSES))))
    return PURPOSES[purpose]


class Identity(Handle):
    """The secret key of a party. `public` is the line that stands in job files."""

    _free = "fate_identity_free"

    def __init__(self, handle, context):
        super().__init__(handle, [context])
        self.context = context

    @classmethod
    def generate(cls, context=None):
        context = context_or_default(context)
        return cls(context.make("fate_identity_generate"), context)

    @classmethod
    def read(cls, path, context=None):
        context = context_or_default(context)
        return cls(context.make("fate_identity_read", encode(path)), context)

    @classmethod
    def from_bytes(cls, data, context=None):
        context = context_or_default(context)
        return cls(context.make("fate_identity_import", data, len(data)), context)

    def write(self, path):
        """Writes a new file that only its owner can read."""
        self.context.run("fate_identity_write", self.handle, encode(path))

    def to_bytes(self):
        data, length = ctypes.c_void_p(), ctypes.c_uint64()
        self.context.run("fate_identity_export", self.handle, ctypes.byref(data), ctypes.byref(length))
        try:
            return copy_bytes(data.value, length.value)
        finally:
            ctypes.memset(data.value, 0, length.value)
            library().fate_free(self.context.handle, data.value)

    @property
    def public(self):
        return decode(library().fate_identity_public(self.handle))

    def __repr__(self):
        return "Identity(%s)" % self.public


class Schema(Handle):
    """Which column is the id, the label, the weight, and which are categorical. A job has one ready for each party: Job.schema."""

    _free = "fate_schema_free"

    def __init__(self, id, label=None, weight=None, categorical=(), label_required=True, context=None):
        context = context_or_default(context)
        super().__init__(context.make("fate_schema_new"), [context])
        self.context = context
        context.run("fate_schema_set_id", self.handle, encode(id))
        context.run("fate_schema_set_label", self.handle, encode(label), int(label_required))
        context.run("fate_schema_set_weight", self.handle, encode(weight))
        for column in categorical:
            context.run("fate_schema_add_categorical", self.handle, encode(column))


class _JobSchema(Schema):
    _free = None  # borrowed from the job

    def __init__(self, handle, job):
        Handle.__init__(self, handle, [job])
        self.context = job.context


class Job(Handle):
    """Which algorithm, which parties with which keys, which parameters. Every party has the same one."""

    _free = "fate_job_free"

    def __init__(self, document, name="job", context=None):
        """document: JSON text, or what json.dumps takes."""
        context = context_or_default(context)
        text = document if isinstance(document, (str, bytes)) else json.dumps(document)
        text = encode(text)
        self._adopt(context.make("fate_job_parse", encode(name), text, len(text)), context)

    def _adopt(self, handle, context):
        super().__init__(handle, [context])
        self.context = context

    @classmethod
    def read(cls, path, context=None):
        context = context_or_default(context)
        job = cls.__new__(cls)
        job._adopt(context.make("fate_job_read", encode(path)), context)
        return job

    @property
    def algorithm(self):
        return decode(library().fate_job_algorithm(self.handle))

    @property
    def parties(self):
        """The parties' names, in the order that numbers them."""
        count = library().fate_job_party_count(self.handle)
        return [decode(library().fate_job_party_name(self.handle, i)) for i in range(count)]

    def number(self, party):
        """The number of a party that is given by name (a number stays as it is)."""
        if isinstance(party, int):
            return party
        number = ctypes.c_uint32()
        self.context.run("fate_job_find_party", self.handle, encode(party), ctypes.byref(number))
        return number.value

    def role(self, party):
        return decode(library().fate_job_party_role(self.handle, self.number(party)))

    def key(self, party):
        return decode(library().fate_job_party_key(self.handle, self.number(party)))

    def address(self, party):
        return decode(library().fate_job_party_address(self.handle, self.number(party)))

    def talk(self, party, other):
        """Whether two parties exchange messages."""
        return library().fate_job_parties_talk(self.handle, self.number(party), self.number(other)) == 1

    def dials(self, party, other):
        """Whether party dials other, by the addresses in the job."""
        return library().fate_job_party_dials(self.handle, self.number(party), self.number(other)) == 1

    def schema(self, party, purpose="train"):
        """How a party's tables are to be read."""
        handle = library().fate_job_schema(self.handle, self.number(party), purpose_number(purpose))
        if not handle:
            raise ValueError("the job has no party number %d" % self.number(party))
        return _JobSchema(handle, self)

    def describe(self, party, purpose="train"):
        """What each party sends and learns in this job, in plain words."""
        text = ctypes.c_void_p()
        self.context.run("fate_job_describe", self.handle, self.number(party), purpose_number(purpose), ctypes.byref(text))
        return decode(self.context.take(text.value))

    @property
    def canonical(self):
        """The document with defaults filled in, as a dictionary."""
        return json.loads(decode(library().fate_job_canonical(self.handle)))


class Model(Handle):
    """One party's part of a model. bytes(model) is the content of its file."""

    _free = "fate_model_free"

    def __init__(self, handle, context):
        super().__init__(handle, [context])
        self.context = context

    @classmethod
    def read(cls, path, context=None):
        context = context_or_default(context)
        return cls(context.make("fate_model_read", encode(path)), context)

    @classmethod
    def from_bytes(cls, data, context=None):
        context = context_or_default(context)
        return cls(context.make("fate_model_import", data, len(data)), context)

    def write(self, path):
        self.context.run("fate_model_write", self.handle, encode(path))

    def __bytes__(self):
        data, length = ctypes.c_void_p(), ctypes.c_uint64()
        self.context.run("fate_model_export", self.handle, ctypes.byref(data), ctypes.byref(length))
        return self.context.take(data.value, length.value)

    @property
    def algorithm(self):
        return decode(library().fate_model_algorithm(self.handle))

    @property
    def party(self):
        return decode(library().fate_model_party(self.handle))

    @property
    def role(self):
        return decode(library().fate_model_role(self.handle))

    def check(self, job, party):
        """Raises FateError when the model is not of this job and party."""
        self.context.run("fate_model_check", self.handle, job.handle, job.number(party))

    def dump(self, *others, format="text"):
        """Readable text, or JSON, of this model, merged with those of other parties."""
        models = [self, *others]
        array = (ctypes.c_void_p * len(models))(*[model.handle for model in models])
        made = ctypes.c_void_p()
        self.context.call("fate_model_dump", array, len(models), encode(format), ctypes.byref(made))
        return decode(self.context.take(made.value))


__all__ = ["FateError", "Identity", "Job", "Model", "Schema"]
