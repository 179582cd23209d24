"""Work that a protocol leaves to the application: include/fate/task.h."""
import array
import ctypes

from ._library import ABI_VERSION, TaskDone

KINDS = {1: "first", 2: "train", 3: "measure"}


class Task:
    """kind: "first" (of the aggregator: the first weights), "train" or "measure"; round of rounds; count: how many weights; weights: a copy of them, a
    memoryview of 32-bit floats, as numpy.frombuffer and torch.frombuffer take it, None with "first"; seed: 32 bytes, alike in every run."""

    __slots__ = ("kind", "round", "rounds", "count", "weights", "seed")

    def __init__(self, given):
        self.kind = KINDS.get(given.kind, str(given.kind))
        self.round, self.rounds, self.count, self.seed = given.round, given.rounds, given.count, bytes(given.seed)
        self.weights = memoryview(bytearray(ctypes.string_at(given.weights, 4 * given.count))).cast("f") if given.weights else None


class TaskResult:
    """What came of a task. values: as many floats as weights, the new weights less those of the task (or, of "first", the first weights): anything
    with a buffer of 32-bit floats, or numbers; None with "measure". examples: what they count for in the mean of all clients. measured, loss,
    right: how good the weights were as they came: rows, the sum of their losses, how many are right."""

    __slots__ = ("values", "examples", "measured", "loss", "right")

    def __init__(self, values=None, examples=0.0, measured=0.0, loss=0.0, right=0.0):
        self.values = b"" if values is None else _floats(values)
        self.examples, self.measured, self.loss, self.right = float(examples), float(measured), float(loss), float(right)

    def fill(self, done):
        """Writes it into a fate_task_result; what is returned must be kept as long as that is used."""
        kept = ctypes.create_string_buffer(self.values, len(self.values))
        done.struct_size, done.abi_version = ctypes.sizeof(TaskDone), ABI_VERSION
        done.values, done.count = ctypes.addressof(kept) if self.values else None, len(self.values) // 4
        done.examples, done.measured, done.loss, done.right = self.examples, self.measured, self.loss, self.right
        return kept


def _floats(values):
    try:
        view = memoryview(values)
    except TypeError:
        return array.array("f", values).tobytes()
    return view.tobytes() if view.format == "f" else array.array("f", view.tolist()).tobytes()
