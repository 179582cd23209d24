"""The C library's functions and structures, declared by hand. Nothing else in the package names a C type's layout.

A prototype is (result, argument, ...). tests/test_library.py reads include/fate/*.h and holds every line against its declaration there.
"""
import ctypes
import ctypes.util
import os
import threading

i32, u32, i64, u64, f64 = ctypes.c_int32, ctypes.c_uint32, ctypes.c_int64, ctypes.c_uint64, ctypes.c_double
pointer, text = ctypes.c_void_p, ctypes.c_char_p

PROTOTYPES = {
    # align.h
    "fate_align": (i32, pointer, pointer, pointer, text, pointer, pointer, pointer, pointer, pointer),
    "fate_align_pooled": (i32, pointer, pointer, pointer, pointer),
    "fate_table_align": (i32, pointer, pointer, pointer),
    "fate_alignment_fact": (i32, pointer, text, pointer),
    "fate_alignment_write_csv": (i32, pointer, pointer, text, text),
    # base.h
    "fate_version": (text,),
    # error.h
    "fate_result_name": (text, i32),
    "fate_result_text": (text, i32),
    # context.h
    "fate_context_new": (i32, pointer, pointer),
    "fate_context_free": (None, pointer),
    "fate_context_set_threads": (i32, pointer, u32),
    "fate_context_set_link": (i32, pointer, f64, f64, f64),
    "fate_context_threads": (u32, pointer),
    "fate_context_error": (text, pointer),
    "fate_free": (None, pointer, pointer),
    # identity.h
    "fate_identity_generate": (i32, pointer, pointer),
    "fate_identity_read": (i32, pointer, pointer, text),
    "fate_identity_write": (i32, pointer, text),
    "fate_identity_import": (i32, pointer, pointer, pointer, u64),
    "fate_identity_export": (i32, pointer, pointer, pointer),
    "fate_identity_public": (text, pointer),
    "fate_identity_free": (None, pointer),
    # table.h
    "fate_schema_new": (i32, pointer, pointer),
    "fate_schema_set_id": (i32, pointer, text),
    "fate_schema_add_id": (i32, pointer, text, text),
    "fate_schema_set_duplicates": (i32, pointer, text),
    "fate_schema_set_ids_only": (i32, pointer, i32),
    "fate_schema_set_label": (i32, pointer, text, i32),
    "fate_schema_set_weight": (i32, pointer, text),
    "fate_schema_add_categorical": (i32, pointer, text),
    "fate_schema_free": (None, pointer),
    "fate_table_read_csv": (i32, pointer, pointer, text, pointer),
    "fate_table_parse_csv": (i32, pointer, pointer, text, pointer, u64, pointer),
    "fate_table_new": (i32, pointer, pointer, u64),
    "fate_table_set_ids": (i32, pointer, pointer, pointer),
    "fate_table_add_numbers": (i32, pointer, text, pointer),
    "fate_table_add_categories": (i32, pointer, text, pointer, pointer, u32),
    "fate_table_set_label": (i32, pointer, pointer),
    "fate_table_set_weight": (i32, pointer, pointer),
    "fate_table_set_direction": (i32, pointer, text, i32),
    "fate_table_direction": (i32, pointer, u32),
    "fate_table_finish": (i32, pointer),
    "fate_table_read_rows": (i32, pointer, pointer, pointer, u32, pointer, pointer),
    "fate_table_rows": (u64, pointer),
    "fate_table_columns": (u32, pointer),
    "fate_table_column_name": (text, pointer, u32),
    "fate_table_column_kind": (i32, pointer, u32),
    "fate_table_numbers": (pointer, pointer, u32),
    "fate_table_codes": (pointer, pointer, u32),
    "fate_table_category_count": (u32, pointer, u32),
    "fate_table_category": (text, pointer, u32, u32),
    "fate_table_label": (pointer, pointer),
    "fate_table_weight": (pointer, pointer),
    "fate_table_row_id": (pointer, pointer, u64, pointer),
    "fate_table_id_digest": (i32, pointer, pointer, pointer),
    "fate_table_digest": (i32, pointer, pointer),
    "fate_table_free": (None, pointer),
    # encryption.h
    "fate_context_set_kernel": (i32, pointer, text),
    "fate_secret_key_generate": (i32, pointer, pointer, text, u32, pointer),
    "fate_secret_key_generate_with": (i32, pointer, pointer, text, u32, pointer, pointer, u32, pointer),
    "fate_secret_key_public": (i32, pointer, pointer),
    "fate_secret_key_export": (i32, pointer, pointer, pointer),
    "fate_secret_key_import": (i32, pointer, pointer, pointer, u64),
    "fate_public_key_export": (i32, pointer, pointer, pointer),
    "fate_public_key_import": (i32, pointer, pointer, pointer, u64),
    "fate_public_key_scheme": (text, pointer),
    "fate_public_key_bits": (u32, pointer),
    "fate_public_key_option": (i32, pointer, text, pointer),
    "fate_public_key_plaintext_bits": (u32, pointer),
    "fate_public_key_ciphertext_bytes": (u32, pointer),
    "fate_secret_key_free": (None, pointer),
    "fate_public_key_free": (None, pointer),
    "fate_ciphertexts_new": (i32, pointer, pointer, u64),
    "fate_ciphertexts_free": (None, pointer),
    "fate_ciphertexts_count": (u64, pointer),
    "fate_public_key_encrypt": (i32, pointer, pointer, u64, u64, pointer, u32, pointer),
    "fate_secret_key_encrypt": (i32, pointer, pointer, u64, u64, pointer, u32, pointer),
    "fate_secret_key_decrypt": (i32, pointer, pointer, u64, u64, pointer, u32),
    "fate_public_key_encrypt_numbers": (i32, pointer, pointer, u64, u64, pointer, u32, pointer),
    "fate_secret_key_encrypt_numbers": (i32, pointer, pointer, u64, u64, pointer, u32, pointer),
    "fate_secret_key_decrypt_numbers": (i32, pointer, pointer, u64, u64, pointer, u32),
    "fate_ciphertexts_add": (i32, pointer, pointer),
    "fate_ciphertexts_subtract": (i32, pointer, pointer),
    "fate_ciphertexts_negate": (i32, pointer),
    "fate_ciphertexts_sum": (i32, pointer, pointer),
    "fate_ciphertexts_multiply": (i32, pointer, pointer),
    "fate_ciphertexts_multiply_matrix": (i32, pointer, pointer, pointer, u64, u32),
    "fate_ciphertexts_gather_add": (i32, pointer, pointer, u64, u64, pointer),
    "fate_ciphertexts_gather_add_rows": (i32, pointer, pointer, pointer, pointer, u64),
    "fate_ciphertexts_pack": (i32, pointer, pointer, u32, u32),
    "fate_plaintexts_unpack": (i32, pointer, pointer, u64, u32, pointer, u32, u32, u32, pointer),
    "fate_ciphertexts_rerandomise": (i32, pointer, pointer),
    "fate_ciphertexts_write": (i32, pointer, u64, u64, pointer),
    "fate_ciphertexts_read": (i32, pointer, u64, u64, pointer, u64),
    # job.h
    "fate_job_read": (i32, pointer, pointer, text),
    "fate_job_parse": (i32, pointer, pointer, text, pointer, u64),
    "fate_job_free": (None, pointer),
    "fate_job_algorithm": (text, pointer),
    "fate_job_align": (text, pointer),
    "fate_job_party_count": (u32, pointer),
    "fate_job_party_name": (text, pointer, u32),
    "fate_job_party_role": (text, pointer, u32),
    "fate_job_party_key": (text, pointer, u32),
    "fate_job_party_address": (text, pointer, u32),
    "fate_job_find_party": (i32, pointer, text, pointer),
    "fate_job_parties_talk": (i32, pointer, u32, u32),
    "fate_job_party_dials": (i32, pointer, u32, u32),
    "fate_job_check_identity": (i32, pointer, u32, pointer),
    "fate_job_schema": (pointer, pointer, u32, i32),
    "fate_job_integer": (i32, pointer, text, pointer),
    "fate_job_number": (i32, pointer, text, pointer),
    "fate_job_text": (i32, pointer, text, pointer),
    "fate_job_digest": (i32, pointer, pointer),
    "fate_job_canonical": (text, pointer),
    # protocol.h
    "fate_protocol_register": (i32, pointer, pointer),
    "fate_protocol_name": (text, pointer, u32),
    "fate_describe": (i32, pointer, text, pointer),
    "fate_job_describe": (i32, pointer, u32, i32, pointer),
    "fate_allocate": (pointer, pointer, u64),
    "fate_context_fail": (i32, pointer, i32, text),
    "fate_turn_context": (pointer, pointer),
    "fate_turn_job": (pointer, pointer),
    "fate_turn_party": (u32, pointer),
    "fate_turn_role": (u32, pointer, u32),
    "fate_turn_purpose": (i32, pointer),
    "fate_turn_table": (pointer, pointer, i32),
    "fate_turn_model": (pointer, pointer),
    "fate_turn_option": (i32, pointer, text, pointer),
    "fate_turn_task": (i32, pointer, pointer, pointer),
    "fate_turn_send": (i32, pointer, u32, u32, pointer, u64, i32),
    "fate_turn_send_all": (i32, pointer, u32, pointer, u64, i32),
    "fate_turn_received": (i32, pointer, u32, pointer, pointer),
    "fate_turn_from": (u32, pointer),
    "fate_turn_last": (i32, pointer),
    "fate_turn_message": (u32, pointer),
    "fate_turn_first": (i32, pointer),
    "fate_turn_time_over": (i32, pointer),
    "fate_turn_wake": (i32, pointer, u64),
    "fate_turn_hold": (i32, pointer, u32, i32),
    "fate_turn_window": (i32, pointer, u64),
    "fate_turn_question": (i32, pointer, pointer),
    "fate_turn_answer": (i32, pointer, pointer, u64),
    "fate_turn_present": (i32, pointer, u32),
    "fate_turn_backlog": (u64, pointer, u32),
    "fate_turn_expel": (i32, pointer, u32, text),
    "fate_turn_go_to": (i32, pointer, u32),
    "fate_turn_finish": (i32, pointer),
    "fate_turn_checkpoint": (i32, pointer),
    "fate_turn_checkpoint_first": (i32, pointer),
    "fate_turn_save": (i32, pointer, pointer, u64),
    "fate_turn_put": (i32, pointer, text, pointer, u64),
    "fate_turn_get": (i32, pointer, text, pointer, pointer),
    "fate_turn_delete": (i32, pointer, text),
    "fate_turn_keeps": (i32, pointer),
    "fate_turn_date": (u64, pointer),
    "fate_turn_seed": (i32, pointer, text, u64, pointer),
    "fate_turn_common_seed": (i32, pointer, text, pointer),
    "fate_turn_sign": (i32, pointer, text, pointer, u64, pointer),
    "fate_turn_verify": (i32, pointer, u32, text, pointer, u64, pointer),
    "fate_turn_progress": (i32, pointer, u32, u32, u32, u32, u64),
    "fate_turn_metric": (i32, pointer, text, u32, f64),
    "fate_turn_warn": (i32, pointer, text),
    "fate_turn_fail": (i32, pointer, i32, text, text),
    "fate_turn_set_model": (i32, pointer, pointer, u64),
    "fate_turn_set_result": (i32, pointer, text, pointer, u64),
    # model.h
    "fate_model_read": (i32, pointer, pointer, text),
    "fate_model_import": (i32, pointer, pointer, pointer, u64),
    "fate_model_write": (i32, pointer, text),
    "fate_model_export": (i32, pointer, pointer, pointer),
    "fate_model_free": (None, pointer),
    "fate_model_algorithm": (text, pointer),
    "fate_model_party": (text, pointer),
    "fate_model_role": (text, pointer),
    "fate_model_job_digest": (i32, pointer, pointer),
    "fate_model_body": (i32, pointer, pointer, pointer),
    "fate_model_check": (i32, pointer, pointer, u32),
    "fate_model_dump": (i32, pointer, pointer, u32, text, pointer),
    # session.h
    "fate_session_new": (i32, pointer, pointer, pointer, text, pointer, i32),
    "fate_session_free": (None, pointer),
    "fate_session_set_table": (i32, pointer, i32, pointer),
    "fate_session_set_model": (i32, pointer, pointer),
    "fate_session_ask": (i32, pointer, pointer),
    "fate_session_answer": (i32, pointer, pointer, pointer),
    "fate_session_set_option": (i32, pointer, text, i64),
    "fate_session_run": (i32, pointer, u64, u64),
    "fate_session_deadline": (u64, pointer),
    "fate_session_receive": (i32, pointer, u32, u64, pointer, u64),
    "fate_session_connected": (i32, pointer, u32, u64),
    "fate_session_disconnected": (i32, pointer, u32, u64),
    "fate_session_next": (i32, pointer, pointer),
    "fate_event_kind": (i32, pointer),
    "fate_event_peer": (u32, pointer),
    "fate_event_link": (u64, pointer),
    "fate_event_bytes": (pointer, pointer, pointer),
    "fate_event_identifier": (u64, pointer),
    "fate_event_key": (text, pointer),
    "fate_event_text": (text, pointer),
    "fate_event_round": (u32, pointer),
    "fate_event_value": (f64, pointer),
    "fate_event_progress": (i32, pointer, pointer),
    "fate_session_complete": (i32, pointer, u64, i32, pointer, u64),
    "fate_session_cancel": (None, pointer),
    "fate_session_error": (text, pointer),
    "fate_session_error_party": (u32, pointer),
    "fate_session_model": (i32, pointer, pointer),
    "fate_session_result": (i32, pointer, text, pointer, pointer),
    "fate_session_result_name": (text, pointer, u32),
    "fate_session_counter": (i32, pointer, text, pointer),
    "fate_session_traffic": (i32, pointer, u32, pointer, pointer, pointer, pointer, pointer),
    "fate_session_set_evidence": (i32, pointer, pointer, u64),
    "fate_event_task": (i32, pointer, pointer),
    "fate_session_complete_task": (i32, pointer, u64, i32, pointer),
    # transport.h
    "fate_inbox_frame": (i32, pointer, u32, u64, pointer, u64),
    "fate_inbox_connected": (i32, pointer, u32, u64),
    "fate_inbox_disconnected": (i32, pointer, u32, u64),
    "fate_inbox_notice": (i32, pointer, u32, text),
    "fate_transport_free": (None, pointer),
    "fate_tcp_new": (i32, pointer, pointer, u32, text),
    "fate_tcp_add_peer": (i32, pointer, u32, text, text),
    "fate_tcp_port": (u32, pointer),
    "fate_tcp_for_job": (i32, pointer, pointer, pointer, u32, text),
    "fate_loopback_new": (i32, pointer, pointer, u32),
    # store.h
    "fate_reply_bytes": (i32, pointer, pointer, u64),
    "fate_reply_name": (i32, pointer, text),
    "fate_store_free": (None, pointer),
    "fate_memory_store_new": (i32, pointer, pointer),
    "fate_directory_store_new": (i32, pointer, pointer, text),
    "fate_split_store_new": (i32, pointer, pointer, pointer, pointer),
    # observer.h
    "fate_drive": (i32, pointer, pointer, pointer, pointer),
    "fate_ask": (i32, pointer, pointer, pointer, pointer, pointer, pointer),
    # train.h
    "fate_train": (i32, pointer, pointer, pointer, text, pointer, pointer, pointer, pointer, pointer, pointer),
    "fate_predict": (i32, pointer, pointer, pointer, text, pointer, pointer, pointer, pointer, pointer, pointer),
    "fate_train_from": (i32, pointer, pointer, pointer, text, pointer, pointer, pointer, pointer, pointer, pointer, pointer),
    "fate_train_pooled": (i32, pointer, pointer, pointer, pointer, pointer, pointer),
    "fate_train_pooled_from": (i32, pointer, pointer, pointer, pointer, pointer, pointer, pointer),
    "fate_cross_validate": (i32, pointer, pointer, pointer, text, pointer, pointer, pointer, pointer, pointer),
    "fate_cross_validate_pooled": (i32, pointer, pointer, pointer, pointer, pointer),
    "fate_predict_leaves": (i32, pointer, pointer, pointer, text, pointer, pointer, pointer, pointer, pointer, pointer),
    "fate_predict_pooled_leaves": (i32, pointer, pointer, pointer, pointer, pointer),
    "fate_predict_pooled": (i32, pointer, pointer, pointer, pointer, pointer),
    "fate_predict_alone": (i32, pointer, pointer, pointer, pointer, pointer),
    "fate_scores_rows": (u64, pointer),
    "fate_scores_columns": (u32, pointer),
    "fate_scores_column_name": (text, pointer, u32),
    "fate_scores_values": (pointer, pointer, u32),
    "fate_scores_write_csv": (i32, pointer, pointer, text),
    "fate_scores_free": (None, pointer),
    "fate_session_scores": (i32, pointer, pointer),
    # arrow.h
    "fate_table_import_arrow": (i32, pointer, pointer, pointer, pointer, u64, pointer),
    "fate_scores_export_arrow": (i32, pointer, pointer, pointer, pointer),
    # evidence.h
    "fate_file_recorder_new": (i32, pointer, pointer, text),
    "fate_recorder_free": (None, pointer),
    "fate_evidence_read": (i32, pointer, pointer, text),
    "fate_evidence_parse": (i32, pointer, pointer, text, pointer, u64),
    "fate_evidence_free": (None, pointer),
    "fate_evidence_fact": (text, pointer, text),
    "fate_evidence_party_count": (u32, pointer),
    "fate_evidence_party": (u32, pointer),
    "fate_evidence_party_name": (text, pointer, u32),
    "fate_evidence_party_role": (text, pointer, u32),
    "fate_evidence_party_key": (text, pointer, u32),
    "fate_evidence_count": (u64, pointer),
    "fate_evidence_entry_at": (i32, pointer, u64, pointer),
    "fate_evidence_verify": (i32, pointer, pointer, pointer, pointer),
    "fate_verdict_free": (None, pointer),
    "fate_verdict_good": (i32, pointer),
    "fate_verdict_finding": (text, pointer, u32, pointer),
    "fate_verdict_sealed": (u64, pointer, u32),
    # metrics.h
    "fate_metrics_new": (i32, pointer, pointer, text, pointer, pointer, pointer, u64),
    "fate_metrics_new_classes": (i32, pointer, pointer, u32, pointer, pointer, pointer, u64),
    "fate_metrics_free": (None, pointer),
    "fate_metrics_task": (text, pointer),
    "fate_metrics_value": (i32, pointer, text, pointer),
    "fate_metrics_lift": (i32, pointer, u32, pointer, pointer),
    "fate_metrics_dump": (i32, pointer, text, pointer),
    # simulator.h
    "fate_simulator_set_task": (i32, pointer, pointer, pointer),
    "fate_simulator_new": (i32, pointer, pointer, text, i32, u64),
    "fate_simulator_free": (None, pointer),
    "fate_simulator_job": (pointer, pointer),
    "fate_simulator_session": (pointer, pointer, u32),
    "fate_simulator_set": (i32, pointer, text, u64),
    "fate_simulator_restart": (i32, pointer, u32),
    "fate_simulator_stop": (i32, pointer, u32),
    "fate_simulator_run": (i32, pointer, u64),
    "fate_simulator_outcome": (i32, pointer, u32),
    "fate_simulator_now": (u64, pointer),
    "fate_simulator_frames": (u64, pointer),
    "fate_simulator_evidence": (pointer, pointer, u32, pointer),
}

ABI_VERSION = 1
NOBODY = 2**32 - 1  # UINT32_MAX, where a party's number is meant
NEVER = 2**64 - 1   # UINT64_MAX, where a time is meant


class Progress(ctypes.Structure):
    """How far a job is; fate_progress in fate/session.h says what each member means."""

    _fields_ = [("struct_size", u32), ("round", u32), ("rounds", u32), ("level", u32), ("levels", u32), ("reserved", u32),
                ("rows", u64), ("bytes_sent", u64), ("bytes_received", u64), ("fraction", f64)]

    def __repr__(self):
        return "Progress(round %d of %d, %.1f %%)" % (self.round, self.rounds, 100 * self.fraction)


def _hook(*kinds):
    return ctypes.CFUNCTYPE(*kinds)


class TransportHooks(ctypes.Structure):
    _fields_ = [("struct_size", u32), ("abi_version", u32), ("context", pointer),
                ("send", _hook(i32, pointer, u32, u64, pointer, u64)), ("poll", _hook(i32, pointer, pointer)),
                ("wait", _hook(i32, pointer, u64)), ("now", _hook(u64, pointer)), ("close", _hook(i32, pointer, u32, u64)),
                ("wake", _hook(None, pointer)), ("flush", _hook(i32, pointer, u64)), ("free", _hook(None, pointer)),
                ("proved", _hook(i32, pointer, u32, u64))]


class StoreHooks(ctypes.Structure):
    _fields_ = [("struct_size", u32), ("abi_version", u32), ("context", pointer),
                ("put", _hook(i32, pointer, text, pointer, u64)), ("get", _hook(i32, pointer, text, pointer)),
                ("delete", _hook(i32, pointer, text)), ("list", _hook(i32, pointer, text, pointer)), ("free", _hook(None, pointer)),
                ("date", _hook(u64, pointer))]


class TaskGiven(ctypes.Structure):
    """fate_task in fate/task.h."""

    _fields_ = [("struct_size", u32), ("kind", i32), ("round", u32), ("rounds", u32), ("count", u64), ("weights", ctypes.POINTER(ctypes.c_float)),
                ("seed", ctypes.c_uint8 * 32)]


class TaskDone(ctypes.Structure):
    """fate_task_result in fate/task.h."""

    _fields_ = [("struct_size", u32), ("abi_version", u32), ("values", pointer), ("count", u64), ("examples", f64), ("measured", f64), ("loss", f64),
                ("right", f64)]


class ObserverHooks(ctypes.Structure):
    _fields_ = [("struct_size", u32), ("abi_version", u32), ("context", pointer),
                ("progress", _hook(i32, pointer, ctypes.POINTER(Progress))), ("metric", _hook(i32, pointer, text, u32, f64)),
                ("warning", _hook(i32, pointer, text)), ("peer_changed", _hook(i32, pointer, u32, i32)), ("tick", _hook(i32, pointer)),
                ("recorder", pointer), ("task", _hook(i32, pointer, ctypes.POINTER(TaskGiven), ctypes.POINTER(TaskDone)))]


class RecorderHooks(ctypes.Structure):
    _fields_ = [("struct_size", u32), ("abi_version", u32), ("context", pointer), ("read", _hook(i32, pointer, pointer)),
                ("append", _hook(i32, pointer, pointer, u64)), ("free", _hook(None, pointer))]


class ArrowSchema(ctypes.Structure):
    pass


class ArrowArray(ctypes.Structure):
    pass


class ArrowStream(ctypes.Structure):
    pass


RELEASE_SCHEMA = ctypes.CFUNCTYPE(None, ctypes.POINTER(ArrowSchema))
RELEASE_ARRAY = ctypes.CFUNCTYPE(None, ctypes.POINTER(ArrowArray))
RELEASE_STREAM = ctypes.CFUNCTYPE(None, ctypes.POINTER(ArrowStream))
ArrowSchema._fields_ = [("format", text), ("name", text), ("metadata", pointer), ("flags", i64), ("n_children", i64),
                        ("children", ctypes.POINTER(ctypes.POINTER(ArrowSchema))), ("dictionary", ctypes.POINTER(ArrowSchema)),
                        ("release", RELEASE_SCHEMA), ("private_data", pointer)]
ArrowArray._fields_ = [("length", i64), ("null_count", i64), ("offset", i64), ("n_buffers", i64), ("n_children", i64),
                       ("buffers", ctypes.POINTER(pointer)), ("children", ctypes.POINTER(ctypes.POINTER(ArrowArray))),
                       ("dictionary", ctypes.POINTER(ArrowArray)), ("release", RELEASE_ARRAY), ("private_data", pointer)]
ArrowStream._fields_ = [("get_schema", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ArrowStream), ctypes.POINTER(ArrowSchema))),
                        ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ArrowStream), ctypes.POINTER(ArrowArray))),
                        ("get_last_error", ctypes.CFUNCTYPE(text, ctypes.POINTER(ArrowStream))),
                        ("release", RELEASE_STREAM), ("private_data", pointer)]

_library = None
_lock = threading.Lock()


def _candidates():
    yield os.path.join(os.path.dirname(os.path.abspath(__file__)), "libfate.so.0")
    found = ctypes.util.find_library("fate")
    if found:
        yield found
    yield "libfate.so.0"


def _open(path):
    library = ctypes.CDLL(path)
    for name, (result, *arguments) in PROTOTYPES.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise OSError("%s has no %s: it is another version than this package was written for" % (path, name)) from None
        function.restype, function.argtypes = result, arguments
    return library


def load(path=None):
    """Loads the C library and returns its version. Without a path: libfate.so.0 beside the package, else where the system has it.

    Called by itself at the first use; call it first to choose the path. A second path is refused: a process has one library."""
    global _library
    with _lock:
        if _library is None:
            failures = []
            for candidate in [os.fspath(path)] if path is not None else _candidates():
                try:
                    _library = _open(candidate)
                    _library.loaded_from = candidate
                    break
                except OSError as error:
                    failures.append(str(error))
            else:
                raise OSError("libfate cannot be loaded: install it, put libfate.so.0 beside this package or call "
                              "fate.load(path): " + "; ".join(failures))
        elif path is not None and os.fspath(path) != _library.loaded_from:
            raise RuntimeError("libfate is loaded already, from %s" % _library.loaded_from)
    return _library.fate_version().decode()


def library():
    if _library is None:
        load()
    return _library
