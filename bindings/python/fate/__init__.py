"""libfate for Python: federated learning in a C library, without a server and without other packages.

    job = fate.Job.read("job.json")
    identity = fate.Identity.read("bank.key")
    table = fate.Table.from_csv("bank.csv", job.schema("bank"))
    model = fate.train(job, "bank", identity, table, fate.Tcp(job, "bank"))
    model.write("bank.model")

Encryption by itself is SecretKey, PublicKey and Ciphertexts; measures of scores are Metrics.

For event loops of your own there is Session, for asyncio AsyncSession. Errors are FateError; exceptions of hooks come back as they were."""
from ._async import AsyncSession
from ._encryption import Ciphertexts, PublicKey, SecretKey
from ._evidence import Evidence
from ._hooks import DirectoryStore, Inbox, MemoryStore, Observer, SplitStore, Store, Tcp, Transport, loopback
from ._job import Identity, Job, Model, Schema
from ._library import Progress, load
from ._metrics import Metrics
from ._objects import Context, FateError
from ._serving import Serving, serve
from ._session import Event, Session
from ._table import Scores, Table
from ._tasks import Task, TaskResult
from ._train import align, cross_validate, predict, predict_alone, predict_pooled, train, train_pooled

__all__ = ["AsyncSession", "Ciphertexts", "Context", "DirectoryStore", "Event", "Evidence", "FateError", "Identity", "Inbox", "Job", "MemoryStore", "Metrics", "Model", "Observer",
           "Progress", "PublicKey", "Schema", "Scores", "SecretKey", "Serving", "Session", "SplitStore", "Store", "Table", "Task", "TaskResult", "Tcp", "Transport", "align", "cross_validate", "load", "loopback",
           "predict", "predict_alone", "predict_pooled", "serve", "train", "train_pooled"]
