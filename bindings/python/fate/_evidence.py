"""Evidence: the signed log of what a party sent and received, for auditors; docs/evidence.md says what it proves."""
import ctypes

from ._library import library
from ._objects import Handle, context_or_default, decode, encode


class Evidence(Handle):
    """A log that `train(..., evidence=path)` or the command kept."""

    _free = "fate_evidence_free"

    def __init__(self, handle, context):
        super().__init__(handle, [context])
        self.context = context

    @classmethod
    def read(cls, path, context=None):
        context = context_or_default(context)
        return cls(context.make("fate_evidence_read", encode(path)), context)

    @classmethod
    def from_bytes(cls, data, context=None):
        context = context_or_default(context)
        return cls(context.make("fate_evidence_parse", None, data, len(data)), context)

    def __len__(self):
        return library().fate_evidence_count(self.handle)

    def fact(self, name):
        """"library", "algorithm", "purpose", "run" or "job_digest"; None for another name."""
        return decode(library().fate_evidence_fact(self.handle, encode(name)))

    @property
    def parties(self):
        """The parties' names as the log has them."""
        count = library().fate_evidence_party_count(self.handle)
        return [decode(library().fate_evidence_party_name(self.handle, i)) for i in range(count)]

    def verify(self, peer_log=None, job=None):
        """Checks the log, against a peer's and the job when they are given. Returns (good, findings): each finding is a sentence, and whether
        the log does not hold because of it."""
        made = ctypes.c_void_p()
        self.context.run("fate_evidence_verify", self.handle, ctypes.byref(made), peer_log and peer_log.handle, job and job.handle)
        try:
            findings, wrong = [], ctypes.c_int32()
            while True:
                sentence = library().fate_verdict_finding(made.value, len(findings), ctypes.byref(wrong))
                if sentence is None:
                    return library().fate_verdict_good(made.value) == 1, findings
                findings.append((decode(sentence), wrong.value == 1))
        finally:
            library().fate_verdict_free(made.value)
