"""The blocking calls. Other threads run meanwhile: C computes without Python's lock."""
import contextlib
import ctypes

from ._hooks import Drive, FileRecorder
from ._job import Model
from ._objects import encode
from ._table import Scores


def _recorder(path, context):
    return contextlib.nullcontext() if path is None else FileRecorder(path, context)


def train(job, party, identity, table, transport, validation=None, store=None, observer=None, evidence=None, from_=None):
    """Runs one party of a training job to its end and returns its model.

    party: its name in the job; table: None where there is none to give (the aggregator of horizontal jobs); transport: Tcp(job, party) or your own; store: None keeps nothing, so that a restarted party begins anew;
    evidence: the file for a signed log of what was sent and received, see Evidence; from_: this party's earlier Model, whose trees come first and
    count as the job's first ones (all parties give theirs, or none does)."""
    with _recorder(evidence, job.context) as recorder:
        drive = Drive(transport, store, observer, recorder)
        arguments = [job.handle, encode(party), identity.handle, table and table.handle, validation and validation.handle]
        if from_ is not None:
            arguments.append(from_.handle)
        handle = drive.make(job.context, "fate_train" if from_ is None else "fate_train_from", *arguments, *drive.tables)
    return Model(handle, job.context)


def predict(job, party, identity, model, table, transport, store=None, observer=None, evidence=None):
    """Runs one party of a scoring job; the scores are empty for a party that is not to get them."""
    with _recorder(evidence, job.context) as recorder:
        drive = Drive(transport, store, observer, recorder)
        handle = drive.make(job.context, "fate_predict", job.handle, encode(party), identity.handle, model.handle, table.handle, *drive.tables)
    return Scores(handle, job.context, table)


def predict_alone(job, model, table):
    """Scores rows with a model that is whole at every party, of "horizontal-linear" or "horizontal-neural": nothing is sent, nobody else is needed."""
    return Scores(job.context.make("fate_predict_alone", job.handle, model.handle, table.handle), job.context, table)


def cross_validate(job, party, identity, table, transport, store=None, observer=None):
    """Runs one party of a job with the parameter "folds": scores of each row when it was held out, and its "fold", for the party with the labels."""
    drive = Drive(transport, store, observer)
    handle = drive.make(job.context, "fate_cross_validate", job.handle, encode(party), identity.handle, table.handle, *drive.tables)
    return Scores(handle, job.context, table)


def align(job, party, identity, table, transport, store=None, observer=None, evidence=None):
    """Runs one party of an alignment to its end and returns the alignment, a Model: table.aligned(it) has the common rows.

    The job is of "psi" or says "align": "psi"; then train() aligns by itself where the table was not aligned yet."""
    with _recorder(evidence, job.context) as recorder:
        drive = Drive(transport, store, observer, recorder)
        handle = drive.make(job.context, "fate_align", job.handle, encode(party), identity.handle, table.handle, *drive.tables)
    return Model(handle, job.context)


def _pointers(objects):
    return (ctypes.c_void_p * len(objects))(*[each and each.handle for each in objects])


def train_pooled(job, tables, validations=None, observer=None):
    """All parties' tables in one process, in the job's order (None for the aggregator of horizontal jobs): what a federated run must
    equal. Returns a model for each party."""
    drive = Drive(observer=observer)
    models = (ctypes.c_void_p * len(job.parties))()
    if len(tables) != len(models) or (validations and len(validations) != len(models)):
        raise ValueError("the job has %d parties: give as many tables" % len(models))
    drive.call(job.context, "fate_train_pooled", models, job.handle, _pointers(tables), validations and _pointers(validations),
               drive.tables[2])
    return [Model(handle, job.context) for handle in models]


def predict_pooled(job, models, tables):
    if len(tables) != len(job.parties) or len(models) != len(tables):
        raise ValueError("the job has %d parties: give as many models and tables" % len(job.parties))
    handle = job.context.make("fate_predict_pooled", job.handle, _pointers(models), _pointers(tables))
    return Scores(handle, job.context, tables[0])
